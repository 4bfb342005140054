using System.Text;
using HookGateway.Load.Machine;
using HookGateway.Load.Peers;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class SyncedLogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Append_OfSeveralAtOnce_HasAllInItsFileWhenItEnds()
    {
        using var log = new SyncedLog(_directory.Path);

        var kept = Enumerable.Range(0, 9).Select(number => log.AppendAsync(Bytes($"<body-{number}>"))).ToArray();
        await Wait.UntilAsync(() => kept.All(one => one.IsCompletedSuccessfully), "nine bodies to be kept");

        var written = Written(Directory.GetFiles(_directory.Path).Single());
        Assert.All(Enumerable.Range(0, 9), number => Assert.Contains($"<body-{number}>", written, StringComparison.Ordinal));
    }

    [Fact]
    public void Dispose_WithBodiesThatWait_KeepsThemFirstAndLeavesNoFile()
    {
        var log = new SyncedLog(_directory.Path);
        var kept = Enumerable.Range(0, 9).Select(_ => log.AppendAsync(Bytes("body"))).ToArray();

        log.Dispose();

        Assert.All(kept, one => Assert.True(one.IsCompletedSuccessfully));
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void Write_PastTheEnd_BeginsAtTheStartAgain()
    {
        var path = Path.Combine(_directory.Path, "file");
        using var file = new SyncedFile(path, length: 8);

        file.Write([Bytes("ab"), Bytes("cde")]);
        file.Write([Bytes("xyz")]);
        Assert.Equal("abcdexyz", Written(path));
        file.Write([Bytes("1")]);

        Assert.Equal("1bcdexyz", Written(path));
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Written(string path)
    {
        using var reader = new StreamReader(File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}

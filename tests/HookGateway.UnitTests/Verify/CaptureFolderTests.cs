using System.Text;
using HookGateway.Configuration;
using HookGateway.Testing;
using HookGateway.UnitTests.Configuration;
using HookGateway.Verify;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using static HookGateway.UnitTests.Verify.Requests;

namespace HookGateway.UnitTests.Verify;

public sealed class CaptureFolderTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly CaptureFolder _folder;

    public CaptureFolderTests() => _folder = FolderBeside(_files.File("store.db"));

    public void Dispose()
    {
        _folder.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Keep_WritesTheRequestByteForByte_ReadableByItsOwnerOnly()
    {
        byte[] body = [0, 13, 10, 255, 1, 2];
        var request = Request(body, [Header("X-Sig", "é"), Header("X-Two", "1"), Header("X-Two", "2"), Header("Transfer-Encoding", "chunked")]);

        var path = await KeepAsync("crm", request);

        var head = $"POST {Url} HTTP/1.1\r\nX-Sig: é\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 6\r\n\r\n";
        Assert.Equal(
            Encoding.UTF8.GetBytes(head).Concat(body),
            await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(_files.File("capture"), Path.GetDirectoryName(path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.Path));
        }
    }

    [Fact]
    public async Task Keep_MoreThanTheMost_LeavesTheNewestOfThatSource()
    {
        var neighbours = new[] { await KeepAsync("crm-2", Request("other")), _files.Write("capture/crm-notes.http", "mine") };
        var paths = new List<string>();
        for (var i = 0; i < CaptureFolder.MaxRequests + 3; i++)
            paths.Add(await KeepAsync("crm", Request($"{i}")));

        // All arrived at one instant of the clock: still no two share a name, and the order is known.
        Assert.Equal([.. paths.Skip(3), .. neighbours], Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal));
        Assert.EndsWith("\r\n\r\n22", await File.ReadAllTextAsync(paths[^1], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Keep_BodiesOfMoreThanTheMostBytes_LeavesFewer()
    {
        var body = new byte[CaptureFolder.LargestBody];
        for (var i = 0; i < 9; i++)
            await KeepAsync("crm", Request(body));

        Assert.Equal(CaptureFolder.MaxBytes / body.Length - 1, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public async Task Keep_BodyBeyondTheLimit_KeepsNothing()
    {
        Assert.IsType<CaptureResult.TooLarge>(await _folder.KeepAsync("crm", Request(new byte[CaptureFolder.LargestBody + 1])));
        Assert.False(Directory.Exists(_folder.Path));
    }

    [Fact]
    public async Task Keep_WhereTheFolderCannotBe_SaysSo()
    {
        _files.Write("capture", "a file");

        var failed = Assert.IsType<CaptureResult.Failed>(await _folder.KeepAsync("crm", Request("{}")));
        Assert.Contains(_folder.Path, failed.Reason);
    }

    private async Task<string> KeepAsync(string source, ReceivedRequest request) =>
        Assert.IsType<CaptureResult.Kept>(await _folder.KeepAsync(source, request)).Path;

    private static CaptureFolder FolderBeside(string store)
    {
        var configuration = Given.Configuration(Given.Whole);
        return new CaptureFolder(configuration with { Storage = new StorageConfiguration { Path = store } }, NullLogger<CaptureFolder>.Instance);
    }
}

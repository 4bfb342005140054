using System.Globalization;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>
/// A killed process loses nothing that the kernel has, so killing cannot show that an acknowledgement waited for the disk.
/// Counting the calls does.
/// </summary>
public sealed class SyncTests
{
    private const int Events = 40;

    [Fact]
    public async Task Acknowledgement_OneByOne_CostsASyncEach()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            ports => $$"""
                {{ports.Listen}}
                sources:
                  sysaid: { preset: sysaid, secrets: [secret] }
                """,
            new GatewayStart { Wrapper = ["strace", "-f", "-q", "-e", "trace=fsync,fdatasync", "-o", "calls"] });
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), "secret");
        Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(0))).Status);
        var before = await CallsAsync(gateway);

        for (var number = 1; number <= Events; number++)
            Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(number))).Status);

        var calls = await CallsAsync(gateway) - before;
        Assert.True(calls >= Events, string.Create(CultureInfo.InvariantCulture, $"{calls} syncs for {Events} acknowledged events"));
    }

    private static async Task<int> CallsAsync(GatewayProcess gateway)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(gateway.Directory, "calls"));

        // A call that another thread's interrupted is written in two lines; its end is what counts.
        return lines.Count(line => line.Contains("sync", StringComparison.Ordinal) && line.EndsWith("= 0", StringComparison.Ordinal));
    }
}

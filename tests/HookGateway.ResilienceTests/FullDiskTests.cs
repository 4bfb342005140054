using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>A store that cannot write answers 503 with <c>Retry-After</c>, and recovers when it can, without a restart.</summary>
public sealed class FullDiskTests
{
    // A file system of its own, of 16 MiB, at ./data, in a mount namespace of the gateway's own: no other process sees it.
    private static readonly string[] SmallDisk =
    [
        "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
        "mkdir -p data && mount -t tmpfs -o size=16m tmpfs data && exec \"$0\" \"$@\"",
    ];

    // Writes beyond the limit fail with EFBIG instead of ending the process.
    private static readonly string[] LimitedFiles = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];

    [Fact]
    public async Task Store_DiskFull_Refuses503AndRecovers()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            ports => Configuration(ports, downstream), new GatewayStart { Wrapper = SmallDisk });
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), "secret");
        Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(0))).Status);

        var filler = $"/proc/{gateway.Pid}/root{gateway.Directory}/data/filler";
        Fill(filler);
        var (refused, accepted) = await SendUntilRefusedAsync(sender);
        Assert.NotNull(refused.Header("Retry-After"));
        await Wait.UntilAsync(() => IsReadyAsync(gateway, false), "the gateway not to be ready");

        File.Delete(filler);
        await AcceptedAgainAsync(gateway, sender, downstream, accepted);
    }

    [Fact]
    public async Task Store_FileMayNotGrow_Refuses503AndRecovers()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            ports => Configuration(ports, downstream), new GatewayStart { Wrapper = LimitedFiles });
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), "secret");
        Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(0))).Status);

        await LimitFilesAsync(gateway, "0:unlimited");
        var (refused, accepted) = await SendUntilRefusedAsync(sender);
        Assert.NotNull(refused.Header("Retry-After"));

        await LimitFilesAsync(gateway, "unlimited:unlimited");
        await AcceptedAgainAsync(gateway, sender, downstream, accepted);
    }

    /// <summary>Events until one is refused, and the ids of those that were not.</summary>
    private static async Task<(SenderAnswer Refused, List<string> Accepted)> SendUntilRefusedAsync(SysAidSender sender)
    {
        List<string> accepted = [];
        for (var number = 1; number < 1000; number++)
        {
            var answer = await sender.SendAsync(SysAidEvent.OfSize(number, 60_000));
            if (answer.Status == 503)
                return (answer, accepted);

            Assert.Equal(202, answer.Status);
            accepted.Add(answer.Id!);
        }

        throw new InvalidOperationException("Nothing was refused.");
    }

    private static async Task AcceptedAgainAsync(
        GatewayProcess gateway, SysAidSender sender, Receiver downstream, List<string> accepted)
    {
        var body = SysAidEvent.Created(9999);
        SenderAnswer? answer = null;
        await Wait.UntilAsync(
            async () => (answer = await sender.SendAsync(body)).Status == 202, "an event to be accepted again", TimeSpan.FromSeconds(30));
        await Wait.UntilAsync(() => IsReadyAsync(gateway, true), "the gateway to be ready again");

        // The refused tries left no mark behind: the first that is not refused is accepted, and the next is its duplicate.
        Assert.Equal("duplicate", (await sender.SendAsync(body)).Result);
        var arrivals = await downstream.WaitForAsync(
            all => accepted.Append(answer!.Id!).All(id => all.Any(arrival => arrival.WebhookId == id)), TimeSpan.FromSeconds(30));
        Assert.All(accepted, id => Assert.Single(arrivals, arrival => arrival.WebhookId == id));
    }

    private static async Task<bool> IsReadyAsync(GatewayProcess gateway, bool wanted)
    {
        using var answer = await gateway.Client.GetAsync(new Uri(gateway.AdminUrl, "/health/ready"));
        return answer.IsSuccessStatusCode == wanted;
    }

    private static void Fill(string path)
    {
        using var filler = File.Create(path);
        var block = new byte[64 * 1024];
        try
        {
            while (true)
            {
                filler.Write(block);
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static async Task LimitFilesAsync(GatewayProcess gateway, string limits)
    {
        using var process = System.Diagnostics.Process.Start("prlimit", [$"--pid={gateway.Pid}", $"--fsize={limits}"]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static string Configuration(GatewayPorts ports, Receiver downstream) => $$"""
        {{ports.Listen}}
        sources:
          sysaid: { preset: sysaid, secrets: [secret] }
        destinations:
          d: { url: "{{downstream.Url}}", retry: { first: 200ms, factor: 1 } }
        routes:
          - { source: sysaid, to: [d] }
        """;
}

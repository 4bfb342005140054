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
    private static readonly string[] SmallDisk = Disk(16);

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

    [Fact]
    public async Task Settle_DiskFull_SendsNothingTwiceNothingMoreAndGoesOn()
    {
        // More than a lane holds, so that some have to be leased.
        const int Events = 2000;
        const int Concurrency = 4;
        await using var downstream = await Receiver.StartAsync();
        var gate = new TaskCompletionSource();
        downstream.AnswerWith(_ => Answer.When(gate.Task));
        await using var gateway = await GatewayProcess.StartAsync(
            ports => Configuration(ports, downstream, $"timeout: 60s, concurrency: {Concurrency}"), new GatewayStart { Wrapper = Disk(64) });
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), "secret");
        await Parallel.ForAsync(0, Events, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
            Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(number))).Status));
        await downstream.WaitForAsync(Concurrency);

        var filler = $"/proc/{gateway.Pid}/root{gateway.Directory}/data/filler";
        Fill(filler);
        gate.SetResult();
        await Wait.UntilAsync(() => IsReadyAsync(gateway, false), "the gateway not to be ready");
        var before = await RestingAsync(downstream);
        for (var number = 0; number < 50; number++)
            Assert.Equal(503, (await sender.SendAsync(SysAidEvent.OfSize(number, 60_000))).Status);

        // Some went out before the database was found full: what came of them is in the journal. From then on nothing but what was under way.
        Assert.InRange(downstream.Arrivals.Count, before, before + Concurrency);
        Assert.InRange(before, Concurrency, Events - 1);

        File.Delete(filler);
        var arrivals = await downstream.WaitForAsync(Events, TimeSpan.FromSeconds(60));
        Assert.Equal(Events, arrivals.Select(arrival => arrival.WebhookId).Distinct().Count());
        await Wait.UntilAsync(() => IsReadyAsync(gateway, true), "the gateway to be ready again");
        await gateway.DrainedAsync();
        Assert.Equal(Events, downstream.Arrivals.Count);
        await gateway.AssertBooksAsync(Events);
    }

    private static string[] Disk(int mebibytes) =>
    [
        "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
        $"mkdir -p data && mount -t tmpfs -o size={mebibytes}m tmpfs data && exec \"$0\" \"$@\"",
    ];

    /// <summary>How many have arrived once the attempts that were under way have ended.</summary>
    private static async Task<int> RestingAsync(Receiver downstream)
    {
        var (count, same) = (downstream.Arrivals.Count, 0);
        await Wait.UntilAsync(
            () =>
            {
                same = downstream.Arrivals.Count == count ? same + 1 : 0;
                count = downstream.Arrivals.Count;
                return same == 20;
            },
            "the attempts under way to end");
        return count;
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

    private static string Configuration(GatewayPorts ports, Receiver downstream, string more = "concurrency: 16") => $$"""
        {{ports.Listen}}
        sources:
          sysaid: { preset: sysaid, secrets: [secret] }
        destinations:
          d: { url: "{{downstream.Url}}", {{more}}, retry: { first: 200ms, factor: 1 } }
        routes:
          - { source: sysaid, to: [d] }
        """;
}

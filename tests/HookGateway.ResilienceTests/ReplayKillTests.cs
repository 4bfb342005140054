using System.Text;
using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>Crashes in the middle of bulk replays, and of a paused destination's life, lose nothing and make nothing twice.</summary>
public sealed class ReplayKillTests(ITestOutputHelper output)
{
    private const string Secret = "a secret of the test";
    private const int Events = 2500;

    private static readonly int Kills = KillCount.Or(8);

    private readonly Random _random = new(Environment.ProcessId);

    [Fact]
    public async Task Kill_AmidBulkReplays_GivesEachEventItsDeliveryOnce()
    {
        await using var dying = await Receiver.StartAsync();
        await using var other = await Receiver.StartAsync();
        await using var gateway = await StartAsync(dying, other);
        var before = dying.Arrivals.Count;

        // Slow enough for the kills to find it at work: an attempt takes longer, the more kills there are.
        var slowly = TimeSpan.FromMilliseconds(5 + (2 * Kills));
        dying.AnswerWith(_ => Answer.When(Task.Delay(slowly, TimeProvider.System)));
        other.AnswerWith(_ => Answer.When(Task.Delay(slowly, TimeProvider.System)));
        await PostAsync(gateway, "/api/v1/destinations/d/replay-dead");
        await PostAsync(gateway, "/api/v1/replays", """{"all": true, "destinations": ["e"]}""");

        var amid = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(400)), TimeProvider.System, TestContext.Current.CancellationToken);
            amid += (await ReplaysAsync(gateway)).Any(replay => (string?)replay["state"] is "running" or "delivering") ? 1 : 0;
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
            await AssertBalancedAsync(gateway);
        }

        var sent = dying.Arrivals.Count - before + other.Arrivals.Count;
        await Wait.UntilAsync(
            async () => (await ReplaysAsync(gateway)).All(replay => (string?)replay["state"] == "done"), "the replays to end", TimeSpan.FromSeconds(120));

        output.WriteLine($"{amid} of {Kills} kills amid the replays; {sent} requests before the last, "
            + $"{dying.Arrivals.Count - before + other.Arrivals.Count} in all for {2 * Events} deliveries");
        Assert.True(amid > Kills / 2, "too few kills hit a replay for the test to mean anything");
        foreach (var replay in await ReplaysAsync(gateway))
            Assert.Equal((Events, Events, Events), ((int)replay["matched"]!, (int)replay["made"]!, (int)replay["delivered"]!));

        Assert.Equal(Events, dying.Arrivals.Skip(before).Select(arrival => arrival.WebhookId).Distinct().Count());
        Assert.Equal(Events, other.Arrivals.Select(arrival => arrival.WebhookId).Distinct().Count());
        Assert.All(dying.Arrivals.Skip(before).Concat(other.Arrivals), arrival => Assert.Equal("true", arrival.Header("X-HookGateway-Replay")));
        var destinations = (await AssertBalancedAsync(gateway))["destinations"]!.AsArray();
        Assert.All(destinations, d => Assert.Equal(
            (Events, Events), ((int)d!["counted"]!["owed"]!, (int)d["counted"]!["delivered"]!)));
    }

    [Fact]
    public async Task Kill_WhileReplayingToAPausedDestination_KeepsItPausedAndReplaysEachOnce()
    {
        await using var dying = await Receiver.StartAsync();
        await using var other = await Receiver.StartAsync();
        await using var gateway = await StartAsync(dying, other);
        var before = dying.Arrivals.Count;
        dying.AnswerWith(_ => Answer.Ok);
        await PostAsync(gateway, "/api/v1/destinations/d/pause");
        await PostAsync(gateway, "/api/v1/destinations/d/replay-dead");

        for (var kill = 0; kill < 3; kill++)
        {
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
            var books = Assert.Single((await AssertBalancedAsync(gateway))["destinations"]!.AsArray())!["counted"]!;
            Assert.Equal(Events, (int)books["pending"]! + (int)books["dead"]!);
        }

        // It has not filled the store meanwhile, and nothing went out.
        await Wait.UntilAsync(async () => (int)(await ReplaysAsync(gateway))[0]["pending"]! == 1000, "as many to be owed as may be");
        Assert.Equal(before, dying.Arrivals.Count);

        await PostAsync(gateway, "/api/v1/destinations/d/resume");
        await dying.WaitForAsync(before + 50);
        await gateway.KillAsync();
        await gateway.StartAgainAsync();
        await Wait.UntilAsync(
            async () => (string?)(await ReplaysAsync(gateway))[0]["state"] == "done", "the replay to end", TimeSpan.FromSeconds(60));

        Assert.Equal(Events, dying.Arrivals.Skip(before).Select(arrival => arrival.WebhookId).Distinct().Count());
        Assert.Equal(Events, (int)(await ReplaysAsync(gateway))[0]["delivered"]!);
        await AssertBalancedAsync(gateway);
    }

    /// <summary>A gateway with many events, all dead for <c>d</c>.</summary>
    private static async Task<GatewayProcess> StartAsync(Receiver dying, Receiver other)
    {
        dying.AnswerWith(_ => Answer.Status(500));
        var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, dying, other));
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        await Parallel.ForAsync(0, Events, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
            Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(number))).Status));
        await Wait.UntilAsync(
            async () => (int)(await GetAsync(gateway, "/api/v1/destinations"))["destinations"]![0]!["dead"]! == Events,
            "every delivery to be dead", TimeSpan.FromSeconds(60));
        return gateway;
    }

    private static async Task<JsonNode> AssertBalancedAsync(GatewayProcess gateway)
    {
        var audit = await GetAsync(gateway, "/api/v1/audit");
        Assert.True((bool)audit["balanced"]!, audit.ToJsonString());
        return audit;
    }

    private static async Task<List<JsonNode>> ReplaysAsync(GatewayProcess gateway) =>
        [.. (await GetAsync(gateway, "/api/v1/replays"))["replays"]!.AsArray().Select(replay => replay!)];

    private static async Task<JsonNode> GetAsync(GatewayProcess gateway, string path) =>
        JsonNode.Parse(await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, path)))!;

    private static async Task PostAsync(GatewayProcess gateway, string path, string? body = null)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? ""));
        using var answer = await gateway.Client.PostAsync(new Uri(gateway.AdminUrl, path), content);
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {answer.StatusCode}");
    }

    private static string Configuration(GatewayPorts ports, Receiver dying, Receiver other) => $$"""
        {{ports.Listen}}
        log: { level: error }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          d: { url: "{{dying.Url}}", concurrency: 32, retry: { attempts: 1 }, breaker: { minimum: 100000 } }
          e: { url: "{{other.Url}}", concurrency: 32, retry: { attempts: 1 }, breaker: { minimum: 100000 } }
        routes:
          - { source: sysaid, to: [d] }
        """;
}

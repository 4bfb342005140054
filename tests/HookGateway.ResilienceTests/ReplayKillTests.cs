using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>Crashes in the middle of replays, and of a paused destination's life, lose nothing and keep it paused.</summary>
public sealed class ReplayKillTests(ITestOutputHelper output)
{
    private const string Secret = "a secret of the test";
    private const int Events = 3000;
    private const int Kills = 6;

    [Fact]
    public async Task Kill_WhileReplayingToAPausedDestination_KeepsItPausedAndReplaysEachOnce()
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(_ => Answer.Status(500));
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream));
        await SendAsync(gateway);
        await Wait.UntilAsync(async () => (await CountAsync(gateway)).Dead == Events, "every delivery to be dead", TimeSpan.FromSeconds(60));
        var before = downstream.Arrivals.Count;
        downstream.AnswerWith(_ => Answer.Ok);
        await PostAsync(gateway, "pause");

        var (pending, dead) = (0, Events);
        for (var kill = 0; kill < Kills && dead > 0; kill++)
        {
            var (began, replay) = (pending, TryPostAsync(gateway, "replay-dead"));
            while (pending == began)
                (pending, _) = await CountAsync(gateway);

            await gateway.KillAsync();
            await replay;
            await gateway.StartAgainAsync();
            (pending, dead) = await CountAsync(gateway);
            output.WriteLine($"after kill {kill + 1}: {pending} pending, {dead} dead");
            Assert.Equal(Events, pending + dead);
        }

        await PostAsync(gateway, "replay-dead");
        Assert.Equal((Events, 0), await CountAsync(gateway));
        Assert.Equal(before, downstream.Arrivals.Count);

        await PostAsync(gateway, "resume");
        await downstream.WaitForAsync(before + 50);
        await gateway.KillAsync();
        await gateway.StartAgainAsync();
        await Wait.UntilAsync(async () => await CountAsync(gateway) == (0, 0), "the backlog to drain", TimeSpan.FromSeconds(60));

        var replayed = downstream.Arrivals.Skip(before).ToList();
        Assert.All(replayed, arrival => Assert.Equal("true", arrival.Header("X-HookGateway-Replay")));
        Assert.Equal(Events, replayed.Select(arrival => arrival.WebhookId).Distinct().Count());
        await AssertBooksAsync(gateway);
    }

    private static async Task AssertBooksAsync(GatewayProcess gateway)
    {
        var audit = await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/api/v1/audit"));
        using var books = JsonDocument.Parse(audit);
        Assert.True(books.RootElement.GetProperty("balanced").GetBoolean(), audit);
        var counted = Assert.Single(books.RootElement.GetProperty("destinations").EnumerateArray()).GetProperty("counted");
        Assert.Equal((Events, Events), (counted.GetProperty("owed").GetInt32(), counted.GetProperty("delivered").GetInt32()));
    }

    private static async Task SendAsync(GatewayProcess gateway)
    {
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        await Parallel.ForAsync(0, Events, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
            Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(number))).Status));
    }

    private static async Task<(int Pending, int Dead)> CountAsync(GatewayProcess gateway)
    {
        using var answer = JsonDocument.Parse(await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/api/v1/destinations")));
        var destination = Assert.Single(answer.RootElement.GetProperty("destinations").EnumerateArray());
        return (destination.GetProperty("pending").GetInt32(), destination.GetProperty("dead").GetInt32());
    }

    private static async Task PostAsync(GatewayProcess gateway, string verb)
    {
        using var answer = await gateway.Client.PostAsync(new Uri(gateway.AdminUrl, $"/api/v1/destinations/d/{verb}"), null);
        Assert.True(answer.IsSuccessStatusCode, $"{verb} answered {answer.StatusCode}");
    }

    private static async Task TryPostAsync(GatewayProcess gateway, string verb)
    {
        try
        {
            await PostAsync(gateway, verb);
        }
        catch (HttpRequestException)
        {
            // It was killed before it answered.
        }
    }

    private static string Configuration(GatewayPorts ports, Receiver downstream) => $$"""
        {{ports.Listen}}
        log: { level: error }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          d: { url: "{{downstream.Url}}", concurrency: 4, retry: { attempts: 1 }, breaker: { minimum: 100000 } }
        routes:
          - { source: sysaid, to: [d] }
        """;
}

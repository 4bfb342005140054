using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Admin;

/// <summary>Many events again, through the running program and over real sockets.</summary>
public sealed class BulkReplayTests(OperatedGateway fixture) : IClassFixture<OperatedGateway>
{
    // More than may be owed of one replay at a time.
    private const int Many = 1200;
    private const string ToAudit = """{"filter": {"key": "500"}, "destinations": ["audit"]}""";

    [Fact]
    public async Task Replay_Thousands_LiveEventsDoNotWaitBehindThem()
    {
        await SendManyAsync();
        var gate = new TaskCompletionSource();
        fixture.Audit.AnswerWith(arrival => arrival.Header("X-HookGateway-Replay") is null ? Answer.Ok : Answer.When(gate.Task));
        var replay = (long)(await fixture.PostAsync("/api/v1/replays", ToAudit))["id"]!;

        // Every attempt that the replay is given is under way and unanswered: a lane of its own has a quarter of 16.
        await fixture.Audit.WaitForAsync(arrivals => Replayed(arrivals, replay) == 4);
        for (var i = 0; i < 20; i++)
            await fixture.StandsAsync(await fixture.SendAsync(501), "delivered");

        Assert.Equal(4, Replayed(fixture.Audit.Arrivals, replay));
        gate.SetResult();
        var ended = await fixture.ReplayedAsync(replay);
        Assert.Equal(("done", Many, Many), ((string?)ended["state"], (int)ended["matched"]!, (int)ended["delivered"]!));
        Assert.Equal(Many, Replayed(fixture.Audit.Arrivals, replay));
        Assert.True((bool)(await fixture.GetAsync("/api/v1/audit"))["balanced"]!);
    }

    [Fact]
    public async Task Replay_ToAPausedDestination_StopsWithFewOwedAndGoesOnAfterwards()
    {
        await SendManyAsync();
        fixture.Audit.AnswerWith(_ => Answer.Ok);
        await fixture.PostAsync("/api/v1/destinations/audit/pause");
        var preview = await fixture.PostAsync("/api/v1/replays", """{"filter": {"key": "500"}, "preview": true}""");
        var replay = (long)(await fixture.PostAsync("/api/v1/replays", ToAudit))["id"]!;
        await Wait.UntilAsync(async () => (int)(await ShowAsync(replay))["pending"]! == 1000, "as many as may be owed");

        // A second one is not held up by the first one's events, nor may it take the first one's room.
        var live = await fixture.SendAsync(502);
        await fixture.PostAsync("/api/v1/destinations/audit/resume");

        var ended = await fixture.ReplayedAsync(replay);
        await fixture.StandsAsync(live, "delivered");
        Assert.Equal((int)preview["matched"]!, (int)ended["matched"]!);
        Assert.Equal((int)ended["made"]!, Replayed(fixture.Audit.Arrivals, replay));
    }

    [Fact]
    public async Task Replay_Cancelled_MakesNoMoreAndDeliversWhatItMade()
    {
        await SendManyAsync();
        fixture.Audit.AnswerWith(_ => Answer.Ok);
        await fixture.PostAsync("/api/v1/destinations/audit/pause");
        var replay = (long)(await fixture.PostAsync("/api/v1/replays", ToAudit))["id"]!;
        await Wait.UntilAsync(async () => (int)(await ShowAsync(replay))["pending"]! == 1000, "as many as may be owed");

        Assert.Equal("cancelled", (string?)(await fixture.PostAsync($"/api/v1/replays/{replay}/cancel"))["state"]);
        await fixture.PostAsync("/api/v1/destinations/audit/resume");

        await Wait.UntilAsync(async () => (int)(await ShowAsync(replay))["pending"]! == 0, "what it made to be delivered");
        Assert.Equal((1000, 1000), ((int)(await ShowAsync(replay))["made"]!, Replayed(fixture.Audit.Arrivals, replay)));
    }

    [Fact]
    public async Task Replay_NoDestinationsNamed_IsRoutedAnewAndSaysWhatWentNowhere()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        fixture.Audit.AnswerWith(_ => Answer.Ok);
        var routed = await fixture.SendAsync(503);
        await fixture.StandsAsync(routed, "delivered");
        var unrouted = (await fixture.Sender.SendAsync(SysAidEvent.Updated(503, "priority", "1"))).Id!;
        await fixture.StandsAsync(unrouted, "unrouted");

        using var answer = await fixture.AskAsync(HttpMethod.Post, "/api/v1/replays", """{"filter": {"key": "503"}}""");
        var id = (long)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["id"]!;
        var ended = await fixture.ReplayedAsync(id);

        Assert.Equal((202, $"/api/v1/replays/{id}"), ((int)answer.StatusCode, answer.Headers.Location?.ToString()));
        Assert.Equal((2, 1, 2, 2), ((int)ended["matched"]!, (int)ended["skipped"]!, (int)ended["made"]!, (int)ended["delivered"]!));
        var arrivals = fixture.Tickets.Arrivals.Where(arrival => arrival.WebhookId == routed).ToList();
        Assert.Equal([null, $"{id}"], arrivals.Select(arrival => arrival.Header("X-HookGateway-Replay-Id")));
        Assert.NotEqual(arrivals[0].Header("traceparent")!.Split('-')[1], arrivals[1].Header("traceparent")!.Split('-')[1]);
    }

    [Fact]
    public async Task Preview_Filter_CountsAndChangesNothing()
    {
        fixture.Audit.AnswerWith(_ => Answer.Ok);
        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        foreach (var record in new[] { 504, 504, 505 })
            await fixture.StandsAsync(await fixture.SendAsync(record), "delivered");

        var before = (await fixture.GetAsync("/api/v1/replays")).ToJsonString();

        var preview = await fixture.PostAsync("/api/v1/replays", """{"filter": {"key": "504"}, "preview": true}""");
        var all = await fixture.PostAsync("/api/v1/replays", """{"all": true, "preview": true}""");

        Assert.Equal("""{"matched":2}""", preview.ToJsonString());
        Assert.True((long)all["matched"]! > 2);
        Assert.Equal(before, (await fixture.GetAsync("/api/v1/replays")).ToJsonString());
    }

    private static int Replayed(IReadOnlyList<Arrival> arrivals, long replay) =>
        arrivals.Count(arrival => arrival.Header("X-HookGateway-Replay-Id") == $"{replay}");

    private Task<JsonNode> ShowAsync(long replay) => fixture.GetAsync($"/api/v1/replays/{replay}");

    /// <summary>Sees to it that there are many delivered events of one record.</summary>
    private async Task SendManyAsync()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        fixture.Audit.AnswerWith(_ => Answer.Ok);
        var there = (int)(await fixture.PostAsync("/api/v1/replays", """{"filter": {"key": "500"}, "preview": true}"""))["matched"]!;
        await Parallel.ForAsync(there, Many, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) => await fixture.SendAsync(500));
        await Wait.UntilAsync(
            async () => (int)(await fixture.PostAsync("/api/v1/replays", """{"filter": {"key": "500", "state": "delivered"}, "preview": true}"""))["matched"]! == Many,
            "all to be delivered",
            TimeSpan.FromSeconds(60));
    }
}

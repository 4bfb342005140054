using System.Net;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Admin;

/// <summary>The admin API over real sockets, of the running program.</summary>
public sealed class AdminApiTests(OperatedGateway fixture) : IClassFixture<OperatedGateway>
{
    [Fact]
    public async Task Events_Delivered_AreListedAndShownWithEveryAttempt()
    {
        fixture.Tickets.AnswerEachEvent(Answer.Status(503), Answer.Ok);
        var id = await fixture.SendAsync(41);
        await fixture.StandsAsync(id, "delivered");

        var listed = (await fixture.GetAsync("/api/v1/events?source=sysaid&event=sr.*&key=41&state=delivered&destination=tickets"))["events"]!;
        var shown = await fixture.GetAsync($"/api/v1/events/{id}");

        Assert.Equal(id, (string?)Assert.Single(listed.AsArray())!["id"]);
        Assert.Equal("sr.created", (string?)shown["event"]);
        Assert.Matches("^[0-9a-f]{32}$", (string?)shown["traceId"]);
        var tickets = shown["deliveries"]![0]!;
        Assert.Equal(("tickets", "delivered", 2), ((string?)tickets["destination"], (string?)tickets["state"], (int)tickets["attempts"]!));
        Assert.Equal([503, 200], tickets["log"]!.AsArray().Select(a => (int)a!["status"]!));
        Assert.Equal(["status", null], tickets["log"]!.AsArray().Select(a => (string?)a!["error"]));
    }

    [Fact]
    public async Task Body_Asked_IsTheSendersBytesAndNothingABrowserRuns()
    {
        var body = SysAidEvent.Created(42);
        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        var id = (await fixture.Sender.SendAsync(body)).Id!;
        await fixture.StandsAsync(id, "delivered");

        using var answer = await fixture.AskAsync(HttpMethod.Get, $"/api/v1/events/{id}/body");

        Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Replay_Dead_ReachesTheDestinationUnderTheSameIdAndMarked()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Status(500));
        var id = await fixture.SendAsync();
        await fixture.StandsAsync(id, "dead");
        fixture.Tickets.AnswerWith(arrival => Answer.Status(arrival.Header("X-HookGateway-Attempt") == "4" ? 200 : 500));

        var replayed = await fixture.PostAsync($"/api/v1/events/{id}/replay", """{"destinations": ["tickets"]}""");
        await fixture.StandsAsync(id, "delivered");

        Assert.Equal(id, (string?)replayed["id"]);
        Assert.True((bool)Assert.Single(replayed["deliveries"]!.AsArray())!["revived"]!);

        // The retry schedule begins anew: two attempts again.
        var arrivals = fixture.Tickets.Arrivals.Where(arrival => arrival.WebhookId == id).ToList();
        Assert.Equal(["1", "2", "3", "4"], arrivals.Select(arrival => arrival.Header("X-HookGateway-Attempt")));
        Assert.Equal([null, null, "true", "true"], arrivals.Select(arrival => arrival.Header("X-HookGateway-Replay")));
        var traces = arrivals.Select(arrival => arrival.Header("traceparent")!.Split('-')[1]).ToList();
        Assert.Equal(traces[0], traces[1]);
        Assert.Equal(traces[2], traces[3]);
        Assert.NotEqual(traces[0], traces[2]);
    }

    [Fact]
    public async Task Replay_NoDestinationsNamed_IsRoutedAnew()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        var id = await fixture.SendAsync();
        await fixture.StandsAsync(id, "delivered");

        await fixture.PostAsync($"/api/v1/events/{id}/replay");

        await fixture.Tickets.WaitForAsync(arrivals => arrivals.Count(arrival => arrival.WebhookId == id) == 2);
        await fixture.Audit.WaitForAsync(arrivals => arrivals.Count(arrival => arrival.WebhookId == id) == 2);
    }

    [Fact]
    public async Task Replay_Unrouted_GoesWhereItIsSent()
    {
        var id = (await fixture.Sender.SendAsync(SysAidEvent.Updated(43, "priority", "1"))).Id!;
        await fixture.StandsAsync(id, "unrouted");

        using var refused = await fixture.AskAsync(HttpMethod.Post, $"/api/v1/events/{id}/replay");
        await fixture.PostAsync($"/api/v1/events/{id}/replay", """{"destinations": ["audit"]}""");

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        await fixture.StandsAsync(id, "delivered");
        Assert.Contains(fixture.Audit.Arrivals, arrival => arrival.WebhookId == id);
    }

    [Fact]
    public async Task ReplayDead_SeveralDead_AllReachTheDestination()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Status(500));
        string[] ids = [await fixture.SendAsync(), await fixture.SendAsync(), await fixture.SendAsync()];
        foreach (var id in ids)
            await fixture.StandsAsync(id, "dead");

        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        var replayed = await fixture.PostAsync("/api/v1/destinations/tickets/replay-dead");

        foreach (var id in ids)
            await fixture.StandsAsync(id, "delivered");

        Assert.True((bool)replayed["onlyDead"]!);
        var ended = await fixture.ReplayedAsync((long)replayed["id"]!);
        Assert.True((long)ended["made"]! >= 3);
        Assert.Equal((long)ended["made"]!, (long)ended["delivered"]!);
    }

    [Fact]
    public async Task Pause_AcrossARestart_KeepsWhatArrivesAndDrainsItInOrder()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        Assert.True((bool)(await fixture.PostAsync("/api/v1/destinations/tickets/pause"))["paused"]!);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await fixture.SendAsync());

        await fixture.Gateway.TerminateAsync();
        await fixture.Gateway.StartAgainAsync();
        for (var i = 0; i < 5; i++)
            ids.Add(await fixture.SendAsync());

        // The other destination has them all: by then this one would have had the first.
        await fixture.Audit.WaitForAsync(arrivals => ids.All(id => arrivals.Any(arrival => arrival.WebhookId == id)));
        Assert.DoesNotContain(fixture.Tickets.Arrivals, arrival => ids.Contains(arrival.WebhookId!));
        var listed = (await fixture.GetAsync("/api/v1/destinations"))["destinations"]!.AsArray().Single(d => (string?)d!["name"] == "tickets")!;
        Assert.NotNull(listed["pausedSince"]);
        Assert.Equal(10, (int)listed["pending"]!);

        await fixture.PostAsync("/api/v1/destinations/tickets/resume");

        var arrived = await fixture.Tickets.WaitForAsync(arrivals => arrivals.Count(arrival => ids.Contains(arrival.WebhookId!)) >= 10);
        Assert.Equal(ids, arrived.Select(arrival => arrival.WebhookId!).Where(ids.Contains));
    }

    [Fact]
    public async Task Destinations_Listed_ShowNoPathOfTheirUrls()
    {
        using var answer = await fixture.AskAsync(HttpMethod.Get, "/api/v1/destinations");
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain("in-the-url", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/hooks", text, StringComparison.Ordinal);
        Assert.Contains($"\"url\":\"http://127.0.0.1:{fixture.Tickets.Url.Port}\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_AfterTraffic_Balances()
    {
        await fixture.SendAsync();

        var audit = await fixture.GetAsync("/api/v1/audit");

        Assert.True((bool)audit["balanced"]!, audit.ToJsonString());
        var source = Assert.Single(audit["sources"]!.AsArray())!;
        Assert.True((long)source["counted"]!["accepted"]! > 0);
        Assert.Equal(source["counted"]!.ToJsonString(), source["found"]!.ToJsonString());
    }

    [Theory]
    [InlineData("GET", "/api/v1/events?sorce=x", null, 400)]
    [InlineData("GET", "/api/v1/events?state=lost", null, 400)]
    [InlineData("GET", "/api/v1/events?limit=0", null, 400)]
    [InlineData("GET", "/api/v1/events?limit=1001", null, 400)]
    [InlineData("GET", "/api/v1/events?limit=-1", null, 400)]
    [InlineData("GET", "/api/v1/events?from=yesterday", null, 400)]
    [InlineData("GET", "/api/v1/events?cursor=%27", null, 400)]
    [InlineData("GET", "/api/v1/events?source=a&source=b", null, 400)]
    [InlineData("GET", "/api/v1/events/none", null, 404)]
    [InlineData("GET", "/api/v1/events/00000000-0000-0000-0000-000000000000", null, 404)]
    [InlineData("GET", "/api/v1/events/00000000-0000-0000-0000-000000000000/body", null, 404)]
    [InlineData("POST", "/api/v1/events/00000000-0000-0000-0000-000000000000/replay", "{}", 404)]
    [InlineData("POST", "/api/v1/events/00000000-0000-0000-0000-000000000000/replay", """{"destinations": ["nobody"]}""", 400)]
    [InlineData("POST", "/api/v1/events/00000000-0000-0000-0000-000000000000/replay", """{"destinations": []}""", 400)]
    [InlineData("POST", "/api/v1/events/00000000-0000-0000-0000-000000000000/replay", """{"destinations": [null]}""", 400)]
    [InlineData("POST", "/api/v1/events/00000000-0000-0000-0000-000000000000/replay", """{"destination": "x"}""", 400)]
    [InlineData("POST", "/api/v1/events/00000000-0000-0000-0000-000000000000/replay", "null", 400)]
    [InlineData("POST", "/api/v1/events/00000000-0000-0000-0000-000000000000/replay", "[[[[", 400)]
    [InlineData("POST", "/api/v1/destinations/nobody/pause", null, 404)]
    [InlineData("POST", "/api/v1/destinations/nobody/resume", null, 404)]
    [InlineData("POST", "/api/v1/destinations/nobody/replay-dead", null, 404)]
    [InlineData("POST", "/api/v1/replays", null, 400)]
    [InlineData("POST", "/api/v1/replays", "{}", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {}}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"source": "sysaid"}, "all": true}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"sorce": "sysaid"}}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"limit": "1"}}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"source": ""}}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"source": null}}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"key": 4711}}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"state": "lost"}}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"from": "yesterday"}}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"}}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"source": "sysaid"}, "destinations": []}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"source": "sysaid"}, "destinations": ["nobody"]}""", 400)]
    [InlineData("POST", "/api/v1/replays", """{"filter": {"source": "sysaid"}, "dryRun": true}""", 400)]
    [InlineData("GET", "/api/v1/replays/none", null, 404)]
    [InlineData("GET", "/api/v1/replays/99999999999999999999", null, 404)]
    [InlineData("POST", "/api/v1/replays/999999/cancel", null, 404)]
    public async Task Request_NotAsTheApiTakesIt_IsAProblem(string method, string path, string? body, int status)
    {
        using var answer = await fixture.AskAsync(new HttpMethod(method), path, body);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Replay_BodyTooLarge_IsAProblem()
    {
        using var answer = await fixture.AskAsync(
            HttpMethod.Post, "/api/v1/events/00000000-0000-0000-0000-000000000000/replay", new string(' ', 100_000));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/v1/events")]
    [InlineData("GET", "/api/v1/audit")]
    [InlineData("POST", "/api/v1/destinations/audit/pause")]
    public async Task Request_WithoutTheToken_IsRefused(string method, string path)
    {
        using var none = await fixture.AskAsync(new HttpMethod(method), path, token: null);
        using var wrong = await fixture.AskAsync(new HttpMethod(method), path, token: "another");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (none.StatusCode, wrong.StatusCode));
    }
}

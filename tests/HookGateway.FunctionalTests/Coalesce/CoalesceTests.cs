using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Coalesce;

/// <summary>Field-by-field updates become one message, over real sockets.</summary>
public sealed class CoalesceTests(CoalescingGateway fixture) : IClassFixture<CoalescingGateway>
{
    [Fact]
    public async Task Session_WithAFullWebhook_BecomesOneMessageAtOnce()
    {
        var first = await fixture.SendAsync("patient", SysAidEvent.Changes(1, null, ("status", "1", 10), ("title", "a", 11)));
        var second = await fixture.SendAsync("patient", SysAidEvent.Changes(1, null, ("status", "2", 20)), ("X-Test", "second"));
        Assert.Equal("held", await fixture.StateAsync(first));
        Assert.Contains("hookgateway_held", await fixture.MetricsAsync(), StringComparison.Ordinal);

        var full = await fixture.SendAsync("patient", SysAidEvent.Changes(1, 7, ("status", "2", 20), ("priority", "1", 30)), ("X-Test", "full"));
        var arrival = Assert.Single(await fixture.ArrivalsAsync(1, 1));

        Assert.Equal(["title=a", "status=2", "priority=1"], CoalescingGateway.ChangesIn(arrival));
        Assert.Equal(7, (int)JsonNode.Parse(arrival.Body)!["sr_version"]!);
        Assert.Equal(("coalesce", "full"), (arrival.Header("X-HookGateway-Origin"), arrival.Header("X-Test")));
        Assert.Null(arrival.Header("X-HookGateway-Source-Id"));
        var merged = arrival.WebhookId!;
        Assert.DoesNotContain(merged, new[] { first, second, full });

        var shown = await fixture.GetAsync($"/api/v1/events/{merged}");
        Assert.Equal("coalesce", (string?)shown["origin"]);
        Assert.Equal([first, second, full], shown["supersedes"]!.AsArray().Select(id => (string?)id));
        foreach (var id in new[] { first, second, full })
        {
            var superseded = await fixture.GetAsync($"/api/v1/events/{id}");
            Assert.Equal(("superseded", merged), ((string?)superseded["state"], (string?)superseded["supersededBy"]));
        }

        var listed = (await fixture.GetAsync("/api/v1/events?state=superseded&key=1"))["events"]!.AsArray();
        Assert.Equal([merged, merged, merged], listed.Select(e => (string?)e!["supersededBy"]));
    }

    [Fact]
    public async Task Session_WithoutAFullWebhook_GoesOutWhenItIsQuiet()
    {
        await fixture.SendAsync("soon", SysAidEvent.Changes(2, null, ("status", "1", 10)));
        await fixture.SendAsync("soon", SysAidEvent.Changes(2, null, ("title", "a", 11)));

        var arrival = Assert.Single(await fixture.ArrivalsAsync(2, 1));

        Assert.Equal(["status=1", "title=a"], CoalescingGateway.ChangesIn(arrival));
    }

    [Fact]
    public async Task Held_OneEvent_GoesOutByteForByteUnderItsOwnId()
    {
        var body = SysAidEvent.Changes(3, null, ("status", "1", 10));
        var id = await fixture.SendAsync("soon", body);

        var arrival = Assert.Single(await fixture.ArrivalsAsync(3, 1));

        Assert.Equal((id, null), (arrival.WebhookId, arrival.Header("X-HookGateway-Origin")));
        Assert.Equal(body, arrival.Body);
        await Wait.UntilAsync(async () => await fixture.StateAsync(id) == "delivered", "the event to be delivered");
    }

    [Fact]
    public async Task AnotherEvent_OfTheKey_ReleasesAndComesAfter()
    {
        var held = await fixture.SendAsync("patient", SysAidEvent.Changes(4, null, ("status", "1", 10)));
        var other = await fixture.SendAsync("patient", SysAidEvent.Created(5));
        Assert.Equal("held", await fixture.StateAsync(held));

        var created = await fixture.SendAsync("patient", SysAidEvent.Created(4));

        Assert.Equal([held, created], (await fixture.ArrivalsAsync(4, 2)).Select(arrival => arrival.WebhookId));
        Assert.Equal(other, (await fixture.ArrivalsAsync(5, 1))[0].WebhookId);
    }

    [Fact]
    public async Task Deliveries_OfACoalescingSource_AreOrderedByKey()
    {
        fixture.Tickets.AnswerWith(
            arrival => arrival.Attempt <= 3 && CoalescingGateway.RecordOf(arrival) == 6 && CoalescingGateway.ChangesIn(arrival)[0] == "status=1"
                ? Answer.Status(503)
                : Answer.Ok);
        var first = await fixture.SendAsync("patient", SysAidEvent.Changes(6, 1, ("status", "1", 10)));
        var second = await fixture.SendAsync("patient", SysAidEvent.Changes(6, 2, ("status", "2", 20)));

        var arrivals = await fixture.ArrivalsAsync(6, 5);

        Assert.Equal([first, first, first, first, second], arrivals.Select(arrival => arrival.WebhookId));
    }

    [Fact]
    public async Task LateEvent_IsSupersededOrLosesWhatIsStale()
    {
        var full = await fixture.SendAsync("patient", SysAidEvent.Changes(8, 1, ("status", "2", 20)));
        var late = await fixture.SendAsync("patient", SysAidEvent.Changes(8, null, ("status", "1", 10)));
        await fixture.SendAsync("patient", SysAidEvent.Changes(8, 2, ("status", "1", 11), ("title", "a", 30)));

        var arrivals = await fixture.ArrivalsAsync(8, 2);

        Assert.Equal([["status=2"], ["title=a"]], arrivals.Select(CoalescingGateway.ChangesIn));
        var shown = await fixture.GetAsync($"/api/v1/events/{late}");
        Assert.Equal(("superseded", full), ((string?)shown["state"], (string?)shown["supersededBy"]));
    }

    [Fact]
    public async Task Where_IsAskedOfTheMergedBody()
    {
        await fixture.SendAsync("patient", SysAidEvent.Changes(9, null, ("a", "1", 1), ("b", "1", 1), ("c", "1", 1)));
        await fixture.SendAsync("patient", SysAidEvent.Changes(9, 1, ("d", "1", 1), ("e", "1", 1), ("f", "1", 1), ("g", "1", 1)));

        var filtered = (await fixture.GetAsync("/api/v1/events?state=filtered&key=9"))["events"]!.AsArray();

        Assert.Equal("coalesce", (string?)Assert.Single(filtered)!["origin"]);
    }

    [Fact]
    public async Task Replay_OfWhatIsHeldOrSuperseded_IsRefusedAndSaysWhy()
    {
        var held = await fixture.SendAsync("patient", SysAidEvent.Changes(10, null, ("status", "1", 10)));
        Assert.Contains("held", await ReplayAsync(held), StringComparison.Ordinal);

        await fixture.SendAsync("patient", SysAidEvent.Changes(10, 1, ("status", "1", 10)));
        var merged = (await fixture.ArrivalsAsync(10, 1))[0].WebhookId!;

        Assert.Contains(merged, await ReplayAsync(held), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_HeldAndSuperseded_Balances()
    {
        await fixture.SendAsync("patient", SysAidEvent.Changes(11, null, ("status", "1", 10)));
        await fixture.SendAsync("patient", SysAidEvent.Changes(12, null, ("status", "1", 10)));
        await fixture.SendAsync("patient", SysAidEvent.Changes(12, 1, ("status", "2", 20)));

        var report = await fixture.GetAsync("/api/v1/audit");

        Assert.True((bool)report["balanced"]!, report.ToJsonString());
        var counted = report["sources"]!.AsArray().Single(source => (string?)source!["source"] == "patient")!["counted"]!;
        Assert.True((long)counted["held"]! >= 1 && (long)counted["superseded"]! >= 2, report.ToJsonString());
    }

    private async Task<string> ReplayAsync(string id)
    {
        using var answer = await fixture.Gateway.Client.PostAsync(new Uri(fixture.Gateway.AdminUrl, $"/api/v1/events/{id}/replay"), null);
        Assert.Equal(409, (int)answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }
}

using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>
/// A bulk replay comes to every event that was there when it began, once, the oldest first, whatever happens meanwhile; and
/// what it makes stands in nobody's way.
/// </summary>
public abstract class BulkReplayingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task Begin_Anything_IsKeptAsAskedAndMakesNothing()
    {
        await EndAsync("e1", DeliveryState.Delivered);
        var filter = new EventFilter
        {
            Source = "crm",
            Event = "deal.*",
            State = EventState.Delivered,
            Destination = "jira",
            Key = "k1",
            From = Time.GetUtcNow().AddHours(-1),
            To = Time.GetUtcNow().AddHours(1),
        };

        var begun = await BeginAsync(filter, "slack");
        await ReopenAsync();

        var found = await FindAsync(begun.Id);
        Assert.Equal((filter, BulkReplayState.Running), (found.Request.Filter, found.State));
        Assert.Equal(["slack"], found.Request.Destinations!);
        Assert.Equal((1L, 0L, 0L), (found.Total, found.Scanned, found.Made));
        Assert.Empty((await LeaseBulkAsync("slack")).Deliveries);
        Assert.Null(await Store.FindBulkReplayAsync(begun.Id + 1, Cancel));
    }

    [Fact]
    public async Task Run_SmallPages_ComesToEachEventOnceOldestFirst()
    {
        for (var i = 0; i < 25; i++)
            await EndAsync($"e{i}", i % 5 == 0 ? DeliveryState.Dead : DeliveryState.Delivered);

        var begun = await BeginAsync(new EventFilter { State = EventState.Delivered }, "slack");
        await EndAsync("after it began", DeliveryState.Delivered);
        var seen = await RunAsync(begun.Id, 3);

        Assert.Equal(Enumerable.Range(0, 25).Where(i => i % 5 > 0).Select(i => $"e{i}"), seen);
        var ended = await FindAsync(begun.Id);
        Assert.Equal((BulkReplayState.Done, 25L, 25L, 20L, 0L, 20L), (ended.State, ended.Total, ended.Scanned, ended.Matched, ended.Skipped, ended.Made));
        Assert.Equal(Time.GetUtcNow(), ended.EndedAt);
        Assert.Equal(seen, SourceIds((await LeaseBulkAsync("slack")).Deliveries));
        await BalancesAsync();
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(-9, 2)]
    [InlineData(4, 99)]
    [InlineData(9, 10)]
    public async Task Run_TimeRange_LooksAtNothingElse(int from, int to)
    {
        var start = Time.GetUtcNow();
        for (var i = 0; i < 6; i++)
        {
            await EndAsync($"e{i}", DeliveryState.Delivered);
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        var begun = await BeginAsync(new EventFilter { From = start.AddMinutes(from), To = start.AddMinutes(to) }, "slack");
        var seen = await RunAsync(begun.Id);

        var expected = Enumerable.Range(0, 6).Where(i => i >= from && i < to).Select(i => $"e{i}").ToList();
        Assert.Equal(expected, seen);
        var ended = await FindAsync(begun.Id);
        Assert.Equal((BulkReplayState.Done, expected.Count, expected.Count), (ended.State, (int)ended.Total, (int)ended.Scanned));
    }

    [Fact]
    public async Task Run_EmptyStore_IsDoneAtOnce()
    {
        var begun = await BeginAsync(new EventFilter(), "slack");

        Assert.Equal((BulkReplayState.Done, 0L), (begun.State, begun.Total));
        Assert.Null(await Store.ReadBulkReplayAsync(begun.Id, 10, Cancel));
    }

    [Fact]
    public async Task Step_DeadAndDelivered_RevivesAndAddsMarkedWithItsNumber()
    {
        var dead = await EndAsync("dead", DeliveryState.Dead);
        var delivered = await EndAsync("delivered", DeliveryState.Delivered);

        var begun = await BeginAsync(new EventFilter(), "jira");
        await RunAsync(begun.Id);

        var leased = (await LeaseBulkAsync()).Deliveries;
        Assert.Equal([(dead.Event.Id, 0, 1), (delivered.Event.Id, 1, 0)], leased.Select(d => (d.Event.Id, d.Ordinal, d.Attempts)));
        Assert.Equal([(1, begun.Id), (0, begun.Id)], leased.Select(d => (d.Replay!.AttemptsBefore, d.Replay.Bulk!.Value)));
        Assert.Equal((2L, 0L), ((await PendingAsync()).Count, (await PendingAsync()).Dead));
        await BalancesAsync();
    }

    [Fact]
    public async Task Lease_BesideLiveOnes_EachKindApart()
    {
        await EndAsync("replayed", DeliveryState.Delivered);
        await RunAsync((await BeginAsync(new EventFilter(), "jira")).Id);
        await AcceptAsync(Request("live", lease: false));

        Assert.Equal(["live"], SourceIds((await LeaseAsync()).Deliveries));
        var bulk = await LeaseBulkAsync();
        Assert.Equal(["replayed"], SourceIds(bulk.Deliveries));
        await SettleAsync(bulk.Deliveries[0], DeliveryState.Retrying, TimeSpan.FromMinutes(1));

        Assert.Null((await LeaseAsync()).NextDue);
        Assert.Equal(Time.GetUtcNow().AddMinutes(1), (await LeaseBulkAsync()).NextDue);
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty((await LeaseAsync()).Deliveries);
        Assert.Single((await LeaseBulkAsync()).Deliveries);
    }

    [Fact]
    public async Task Step_FromWhereItStoodBefore_ChangesNothing()
    {
        foreach (var id in new[] { "e1", "e2", "e3" })
            await EndAsync(id, DeliveryState.Delivered);

        var begun = await BeginAsync(new EventFilter(), "slack");
        var first = Step(await ReadAsync(begun.Id, 1), ["slack"]);
        await Store.StepBulkReplayAsync(first, Cancel);
        await Store.StepBulkReplayAsync(Step(await ReadAsync(begun.Id, 1), ["slack"]), Cancel);

        Assert.Equal(2, (await Store.StepBulkReplayAsync(first, Cancel))!.Made);

        Assert.Equal(["e3"], await RunAsync(begun.Id));
        Assert.Equal(3, (await LeaseBulkAsync("slack")).Deliveries.Count);
    }

    [Fact]
    public async Task Step_ReopenedInTheMiddle_GoesOnWhereItStood()
    {
        for (var i = 0; i < 10; i++)
            await EndAsync($"e{i}", DeliveryState.Delivered);

        var begun = await BeginAsync(new EventFilter(), "slack");
        await Store.StepBulkReplayAsync(Step(await ReadAsync(begun.Id, 4), ["slack"]), Cancel);
        await LeaseBulkAsync("slack");
        await ReopenAsync();

        Assert.Equal(["e4", "e5", "e6", "e7", "e8", "e9"], await RunAsync(begun.Id));
        Assert.Equal(10, (await LeaseBulkAsync("slack")).Deliveries.Count);
        await BalancesAsync();
    }

    [Fact]
    public async Task Step_ManyDestinations_IsMadeInPartAndGoesOn()
    {
        string[] many = [.. Enumerable.Range(0, 200).Select(i => $"d{i}")];
        for (var i = 0; i < 5; i++)
            await EndAsync($"e{i}", DeliveryState.Delivered);

        var begun = await BeginAsync(new EventFilter(), many);
        var first = await Store.StepBulkReplayAsync(Step(await ReadAsync(begun.Id), many), Cancel);

        Assert.InRange(first!.Made, 1, 999);
        Assert.Equal(BulkReplayState.Running, first.State);
        await RunAsync(begun.Id);
        var ended = await FindAsync(begun.Id);
        Assert.Equal((BulkReplayState.Done, 5L, 1000L), (ended.State, ended.Matched, ended.Made));
    }

    [Fact]
    public async Task Step_NowhereToGo_IsCountedAsSkipped()
    {
        await AcceptAsync(Request("unrouted", to: []));
        await AcceptAsync(Request("full", to: [.. Enumerable.Range(0, 4096).Select(i => $"d{i}")], lease: false));

        var begun = await BeginAsync(new EventFilter());
        var page = await ReadAsync(begun.Id);
        await Store.StepBulkReplayAsync(
            new BulkReplayStep(begun.Id, page.From, page.Next, [new(page.Events[0].Id, [], default), new(page.Events[1].Id, ["slack"], default)]), Cancel);

        var ended = await FindAsync(begun.Id);
        Assert.Equal((BulkReplayState.Done, 2L, 2L, 0L), (ended.State, ended.Matched, ended.Skipped, ended.Made));
        await BalancesAsync();
    }

    [Fact]
    public async Task Step_StateChangedSinceItWasRead_LeavesTheEventAlone()
    {
        var dead = await EndAsync("e1", DeliveryState.Dead);
        var begun = await BeginAsync(new EventFilter { State = EventState.Dead }, "jira");
        var page = await ReadAsync(begun.Id);
        await Store.ReplayAsync(new(dead.Event.Id, ["jira"], default), Cancel);

        var ended = await Store.StepBulkReplayAsync(Step(page, ["jira"]), Cancel);

        Assert.Equal((BulkReplayState.Done, 0L, 0L), (ended!.State, ended.Matched, ended.Made));
        Assert.Equal(1, (await PendingAsync()).Count);
    }

    [Fact]
    public async Task Step_EventDeletedSinceItWasRead_PassesItBy()
    {
        await EndAsync("e1", DeliveryState.Delivered);
        var begun = await BeginAsync(new EventFilter(), "jira");
        var page = await ReadAsync(begun.Id);
        Time.Advance(TimeSpan.FromDays(8));
        await Store.RetainAsync(new(TimeSpan.FromDays(7), TimeSpan.FromDays(30)), Cancel);

        var ended = await Store.StepBulkReplayAsync(Step(page, ["jira"]), Cancel);

        Assert.Equal((BulkReplayState.Done, 0L), (ended!.State, ended.Made));
        await BalancesAsync();
    }

    [Fact]
    public async Task OnlyDead_ManyOfTwoDestinations_RevivesEachOfTheOneOnceAndAddsNone()
    {
        for (var i = 0; i < 300; i++)
        {
            foreach (var held in (await AcceptAsync(Request($"e{i}", to: ["jira", "slack"]))).Leased)
                Store.Settle(Settlement(held, DeliveryState.Dead));

            await EndAsync($"delivered{i}", DeliveryState.Delivered);
        }

        var request = new BulkReplayRequest { Filter = new EventFilter { Destination = "jira" }, Destinations = ["jira"], OnlyDead = true };
        var begun = await Store.BeginBulkReplayAsync(request, Cancel);
        var seen = await RunAsync(begun.Id, 70);

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"e{i}"), seen);
        Assert.Equal((300L, 300L), ((await FindAsync(begun.Id)).Matched, (await FindAsync(begun.Id)).Made));
        Assert.Equal((300L, 0L), ((await PendingAsync()).Count, (await PendingAsync()).Dead));
        Assert.Equal((0L, 300L), ((await PendingAsync("slack")).Count, (await PendingAsync("slack")).Dead));
        Assert.Empty(await RunAsync((await Store.BeginBulkReplayAsync(request, Cancel)).Id));
        await BalancesAsync();
    }

    [Fact]
    public async Task Outcomes_Settled_AreCountedAlsoAfterAReopening()
    {
        foreach (var id in new[] { "e1", "e2", "e3", "e4" })
            await EndAsync(id, DeliveryState.Delivered);

        var begun = await BeginAsync(new EventFilter(), "slack");
        await RunAsync(begun.Id);
        var leased = (await LeaseBulkAsync("slack")).Deliveries;
        await SettleAsync(leased[0], DeliveryState.Delivered);
        await SettleAsync(leased[1], DeliveryState.Dead);
        await SettleAsync(leased[2], DeliveryState.Retrying, TimeSpan.FromMinutes(1));
        await ReopenAsync();

        var found = await FindAsync(begun.Id);
        Assert.Equal((4L, 1L, 1L, 2L), (found.Made, found.Delivered, found.Dead, found.Pending));

        // Asked for by its id, it is no longer the bulk replay's.
        await Store.ReplayAsync(new(leased[1].Event.Id, ["slack"], default), Cancel);
        await SettleAsync(Assert.Single((await LeaseAsync("slack")).Deliveries), DeliveryState.Delivered);
        Assert.Equal(found, await FindAsync(begun.Id) with { Request = found.Request });
        await BalancesAsync();
    }

    [Fact]
    public async Task End_Running_MakesNoMoreAndKeepsWhatItMade()
    {
        await EndAsync("e1", DeliveryState.Delivered);
        await EndAsync("e2", DeliveryState.Delivered);
        var (cancelled, failed) = (await BeginAsync(new EventFilter(), "slack"), await BeginAsync(new EventFilter(), "gone"));
        await Store.StepBulkReplayAsync(Step(await ReadAsync(cancelled.Id, 1), ["slack"]), Cancel);
        var page = await ReadAsync(cancelled.Id);

        Assert.Equal(BulkReplayState.Cancelled, (await Store.EndBulkReplayAsync(cancelled.Id, failure: null, Cancel))!.State);
        await Store.EndBulkReplayAsync(failed.Id, "gone is gone", Cancel);
        await Store.EndBulkReplayAsync(failed.Id, failure: null, Cancel);

        Assert.Equal(1, (await Store.StepBulkReplayAsync(Step(page, ["slack"]), Cancel))!.Made);
        Assert.Null(await Store.ReadBulkReplayAsync(cancelled.Id, 10, Cancel));
        Assert.Single((await LeaseBulkAsync("slack")).Deliveries);
        var listed = await Store.ListBulkReplaysAsync(Cancel);
        Assert.Equal([(failed.Id, BulkReplayState.Failed, "gone is gone"), (cancelled.Id, BulkReplayState.Cancelled, null)],
            listed.Select(r => (r.Id, r.State, r.Reason)));
        Assert.Null(await Store.EndBulkReplayAsync(99, failure: null, Cancel));
    }

    [Fact]
    public async Task List_MoreThanAreKept_ForgetsTheOldestThatOweNothing()
    {
        await EndAsync("e1", DeliveryState.Delivered);
        var owing = await BeginAsync(new EventFilter(), "slack");
        await RunAsync(owing.Id);
        for (var i = 0; i < 1002; i++)
            await Store.EndBulkReplayAsync((await BeginAsync(new EventFilter(), "slack")).Id, failure: null, Cancel);

        var listed = await Store.ListBulkReplaysAsync(Cancel);

        Assert.Equal(1001, listed.Count);
        Assert.Equal(owing.Id, listed[^1].Id);
        await BalancesAsync();
    }

    private Task<BulkReplay> BeginAsync(EventFilter filter, params string[] to) => Store.BeginBulkReplayAsync(
        new BulkReplayRequest { Filter = filter, Destinations = to.Length == 0 ? null : to }, Cancel);

    private async Task<BulkReplay> FindAsync(long id) => Assert.IsType<BulkReplay>(await Store.FindBulkReplayAsync(id, Cancel));

    private async Task<BulkReplayPage> ReadAsync(long id, int limit = 100) =>
        Assert.IsType<BulkReplayPage>(await Store.ReadBulkReplayAsync(id, limit, Cancel));

    private static BulkReplayStep Step(BulkReplayPage page, string[] to) =>
        new(page.Replay.Id, page.From, page.Next, [.. page.Events.Select(e => new BulkReplayEvent(e.Id, to, default))]);

    /// <summary>Runs one to its end.</summary>
    /// <returns>The sender's ids of the events that it was shown; those of a step made in part come again.</returns>
    private async Task<List<string>> RunAsync(long id, int limit = 100)
    {
        var seen = new List<string>();
        while (await Store.ReadBulkReplayAsync(id, limit, Cancel) is { } page)
        {
            Assert.InRange(page.Events.Count, 0, limit);
            seen.AddRange(page.Events.Select(e => e.SourceId!));
            await Store.StepBulkReplayAsync(Step(page, [.. page.Replay.Request.Destinations!]), Cancel);
        }

        return seen;
    }

    private async Task<LeaseResult> LeaseBulkAsync(string destination = "jira") =>
        (await Store.LeaseAsync([new LeaseRequest(destination, 1000, 1_000_000, Bulk: true)], Cancel).AsTask().WaitAsync(Soon))[0];

    private async Task BalancesAsync() => Assert.Equal(0, (await Store.AuditAsync(Cancel)).Unaccounted);

    /// <summary>Accepts an event and settles its delivery.</summary>
    private async Task<Delivery> EndAsync(string id, DeliveryState state)
    {
        var held = (await AcceptAsync(Request(id))).Leased[0];
        await SettleAsync(held, state);
        return held;
    }
}

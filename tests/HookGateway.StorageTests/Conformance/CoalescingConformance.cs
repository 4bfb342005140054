using System.Text;
using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>A key changes only as it was decided, and what is held goes out or stands behind what does.</summary>
public abstract class CoalescingConformance(StoreEngine engine) : CoalescingStoreTest(engine)
{
    [Fact]
    public async Task Accept_Held_IsStoredOwesNothingAndIsDueLater()
    {
        var held = await HoldAsync("e1", number: 1);

        var key = await KeyAsync();
        Assert.Equal("state of e1", Encoding.UTF8.GetString(key.State.Span));
        Assert.Equal(Time.GetUtcNow() + Quiet, key.ReleaseAt);
        Assert.Equal([KeyValuePair.Create(1, held)], key.Events);
        Assert.Equal(Disposition.Held, (await FindAsync(held)).Disposition);
        Assert.Empty((await LeaseAsync()).Deliveries);
        Assert.Equal(EventState.Held, Assert.Single((await ListAsync()).Events).State);
    }

    [Fact]
    public async Task Find_NothingKnown_IsNothing() => Assert.Null(await Store.FindCoalescedAsync("crm", "k1", Cancel));

    [Fact]
    public async Task Accept_AnotherVersion_StoresNothing()
    {
        await HoldAsync("e1", number: 1);

        var refused = await TryAcceptAsync(Held("e2", number: 2, version: 0));

        Assert.IsType<AcceptResult.Conflict>(refused);
        Assert.Single((await ListAsync()).Events);
        await HoldAsync("e2", number: 2);
    }

    [Fact]
    public async Task Accept_SameVersionAtTheSameTime_OneWins()
    {
        await HoldAsync("e0", number: 1);
        var version = (await KeyAsync()).Version;

        var results = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => TryAcceptAsync(Held($"e{i}", number: 2, version))));

        Assert.Single(results, result => result is AcceptResult.Accepted);
        Assert.Equal(19, results.Count(result => result is AcceptResult.Conflict));
        Assert.NotEqual(version, (await KeyAsync()).Version);
    }

    [Fact]
    public async Task Accept_Duplicate_IsOneWhateverTheVersion()
    {
        var held = await HoldAsync("e1", number: 1);

        Assert.Equal(new AcceptResult.Duplicate(held), await TryAcceptAsync(Held("e1", number: 1, version: 99)));
    }

    [Fact]
    public async Task Accept_DuplicatesAtTheSameTime_StoresOne()
    {
        var passing = Request("e1") with { Coalesce = Step(version: 0, state: null) };

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TryAcceptAsync(passing)));

        var accepted = Assert.IsType<AcceptResult.Accepted>(Assert.Single(results, result => result is not AcceptResult.Duplicate));
        Assert.All(results.OfType<AcceptResult.Duplicate>(), duplicate => Assert.Equal(accepted.Event.Id, duplicate.First));
        Assert.Single((await ListAsync()).Events);
    }

    [Fact]
    public async Task Accept_KeyIsNotToChange_ChecksIt()
    {
        var passing = Request("e1") with { Coalesce = Step(version: 0, state: null) };
        await AcceptAsync(passing);
        Assert.Null(await Store.FindCoalescedAsync("crm", "k1", Cancel));

        await HoldAsync("e2", number: 1);
        Assert.IsType<AcceptResult.Conflict>(await TryAcceptAsync(passing with { DedupeKey = DedupeKey.OfId("crm", "e3") }));
    }

    [Fact]
    public async Task Accept_UnknownNumber_IsAConflict()
    {
        var step = Step(version: 0, state: null) with { SupersededBy = 7 };

        Assert.IsType<AcceptResult.Conflict>(await TryAcceptAsync(
            Request("e1", to: []) with { Disposition = Disposition.Superseded, Coalesce = step }));
    }

    [Fact]
    public async Task Release_OfWhatTheKeyDoesNotKnow_IsAConflict()
    {
        await HoldAsync("e1", number: 1);
        var version = (await KeyAsync()).Version;
        CoalesceStep[] steps =
        [
            Step(version, State("", [1, 9])),
            Step(version, State("", [])) with { Release = Merged(2, takesIn: [1, 9]) },
            Step(version, State("", [])) with { Release = Merged(9, takesIn: [1]) with { Event = null } },
        ];

        foreach (var step in steps)
        {
            Assert.Null(await Store.ReleaseHeldAsync(step, Cancel));
            Assert.IsType<AcceptResult.Conflict>(await TryAcceptAsync(Request("e2") with { Coalesce = step }));
        }

        Assert.Equal(version, (await KeyAsync()).Version);
        Assert.Equal(EventState.Held, Assert.Single((await ListAsync()).Events).State);
    }

    [Fact]
    public async Task ReleaseHeld_Untouched_IsTheEventItselfAndDue()
    {
        var held = await HoldAsync("e1", number: 1);

        var released = await ReleaseAsync(new CoalescedRelease
        {
            Number = 1,
            Disposition = Disposition.Routed,
            Destinations = ["jira", "slack"],
            KeepUntil = Time.GetUtcNow() + Window,
        });

        Assert.Equal(held, released!.Id);
        var delivery = Assert.Single((await LeaseAsync()).Deliveries);
        Assert.Equal((held, 0, EventOrigin.Sender), (delivery.Event.Id, delivery.Attempts, delivery.Event.Origin));
        Assert.NotNull(delivery.Sequence);
        Assert.Single((await LeaseAsync("slack")).Deliveries);
        Assert.Equal(EventState.Accepted, Assert.Single((await ListAsync()).Events).State);
        Assert.Null((await KeyAsync()).ReleaseAt);
    }

    [Fact]
    public async Task ReleaseHeld_Merged_SupersedesWhatItTakesIn()
    {
        var first = await HoldAsync("e1", number: 1);
        var second = await HoldAsync("e2", number: 2);

        var released = await ReleaseAsync(Merged(3, takesIn: [1, 2]));

        var delivery = Assert.Single((await LeaseAsync()).Deliveries);
        Assert.Equal((released!.Id, EventOrigin.Coalesce), (delivery.Event.Id, delivery.Event.Origin));
        Assert.Equal("merged", Encoding.ASCII.GetString(delivery.Event.Body.Span));
        Assert.Equal([first, second], (await FindAsync(released.Id)).Supersedes);
        Assert.Equal(EventOrigin.Coalesce, (await FindAsync(released.Id)).Event.Origin);
        foreach (var id in new[] { first, second })
        {
            var stored = await FindAsync(id);
            Assert.Equal((Disposition.Superseded, released.Id), (stored.Disposition, stored.SupersededBy));
        }

        Assert.Equal(
            [(EventState.Accepted, null), (EventState.Superseded, released.Id), (EventState.Superseded, (EventId?)released.Id)],
            (await ListAsync()).Events.Select(e => (e.State, e.SupersededBy)));
    }

    [Fact]
    public async Task ReleaseHeld_AnotherVersion_ChangesNothing()
    {
        await HoldAsync("e1", number: 1);
        var step = Step((await KeyAsync()).Version - 1, State("", [])) with { Release = Merged(2, takesIn: [1]) };

        Assert.Null(await Store.ReleaseHeldAsync(step, Cancel));
        Assert.Empty((await LeaseAsync()).Deliveries);
        Assert.Equal(EventState.Held, Assert.Single((await ListAsync()).Events).State);
    }

    [Fact]
    public async Task Accept_ReleasingFirst_KeepsTheOrderOfTheKey()
    {
        await HoldAsync("e1", number: 1);
        var version = (await KeyAsync()).Version;

        var accepted = await AcceptAsync(Request("e2", ordered: true) with
        {
            Coalesce = Step(version, State("", [2])) with { Release = Merged(2, takesIn: [1]) },
        });

        Assert.Empty(accepted.Leased);
        var head = Assert.Single((await LeaseAsync()).Deliveries);
        Assert.Equal(accepted.Released!.Id, head.Event.Id);
        await SettleAsync(head, DeliveryState.Delivered);
        var next = Assert.Single((await LeaseAsync()).Deliveries);
        Assert.Equal(accepted.Event.Id, next.Event.Id);
        Assert.True(next.Sequence > head.Sequence);
    }

    [Fact]
    public async Task Accept_ReleasingFirstAndNumbered_IsKnownWithWhatWentOut()
    {
        var held = await HoldAsync("e1", number: 1);
        await HoldAsync("e2", number: 2);
        var version = (await KeyAsync()).Version;

        var accepted = await AcceptAsync(Request("e3", ordered: true) with
        {
            Coalesce = Step(version, State("", [1, 2, 3], Time.GetUtcNow() + Quiet)) with
            {
                Number = 3,
                KeepUntil = Time.GetUtcNow() + Window,
                Release = Merged(1, takesIn: []) with { Event = null },
            },
        });

        Assert.Equal(held, accepted.Released!.Id);
        var key = await KeyAsync();
        Assert.Equal((held, accepted.Event.Id), (key.Events[1], key.Events[3]));
        Assert.Equal(Disposition.Held, (await FindAsync(key.Events[2])).Disposition);
        var late = await AcceptAsync(Superseded("e4", by: 3, key.Version));
        Assert.Equal(accepted.Event.Id, (await FindAsync(late.Event.Id)).SupersededBy);
    }

    [Fact]
    public async Task Accept_Superseded_PointsToWhatGoesOutInTheSameCommit()
    {
        await HoldAsync("e1", number: 1);
        var version = (await KeyAsync()).Version;

        var accepted = await AcceptAsync(Request("e2", to: []) with
        {
            Disposition = Disposition.Superseded,
            Coalesce = Step(version, State("", [2])) with { SupersededBy = 2, Release = Merged(2, takesIn: [1]) },
        });

        Assert.Equal(accepted.Released!.Id, (await FindAsync(accepted.Event.Id)).SupersededBy);
        Assert.Equal(accepted.Released.Id, Assert.Single((await LeaseAsync()).Deliveries).Event.Id);
    }

    [Fact]
    public async Task Accept_SupersededLater_PointsToWhatWentOut()
    {
        await HoldAsync("e1", number: 1);
        var released = await ReleaseAsync(Merged(2, takesIn: [1]), refers: [2]);

        var late = await AcceptAsync(Superseded("late", by: 2, (await KeyAsync()).Version));

        Assert.Equal(released!.Id, (await FindAsync(late.Event.Id)).SupersededBy);
        Assert.True((await Store.AuditAsync(Cancel)).Balanced);
    }

    [Fact]
    public async Task Held_AfterReopening_IsAsBefore()
    {
        var held = await HoldAsync("e1", number: 1);
        var before = await KeyAsync();

        await ReopenAsync();

        var after = await KeyAsync();
        Assert.Equal((before.Version, before.ReleaseAt), (after.Version, after.ReleaseAt));
        Assert.Equal(before.Events, after.Events);
        Assert.Equal(before.State.ToArray(), after.State.ToArray());
        Assert.Equal(held, (await ReleaseAsync(new CoalescedRelease
        {
            Number = 1,
            Disposition = Disposition.Unrouted,
            Destinations = [],
            KeepUntil = Time.GetUtcNow(),
        }))!.Id);
    }

    [Fact]
    public async Task ListHeld_TellsWhatIsDueAndWhenTheNextIs()
    {
        await HoldAsync("e1", number: 1, key: "k1");
        Time.Advance(TimeSpan.FromSeconds(30));
        await HoldAsync("e2", number: 1, key: "k2");
        await HoldAsync("e3", number: 1, source: "shop");
        var first = (await KeyAsync()).ReleaseAt!.Value;

        var early = await Store.ListHeldAsync(first.AddMilliseconds(-1), 10, [], Cancel);
        Assert.Empty(early.Due);
        Assert.Equal(first, early.NextDue);
        Assert.Equal([KeyValuePair.Create("crm", 2L), KeyValuePair.Create("shop", 1L)], early.Held.OrderBy(pair => pair.Key));

        var due = await Store.ListHeldAsync(first, 10, [], Cancel);
        Assert.Equal(new HeldKey("crm", "k1"), Assert.Single(due.Due));
        Assert.Equal(first.AddSeconds(30), due.NextDue);

        var all = await Store.ListHeldAsync(DateTimeOffset.MaxValue, 10, ["crm"], Cancel);
        Assert.Equal(new HeldKey("shop", "k1"), Assert.Single(all.Due));
        Assert.Equal(2, (await Store.ListHeldAsync(DateTimeOffset.MaxValue, 2, [], Cancel)).Due.Count);
        Assert.Equal(new HeldKey("crm", "k1"), Assert.Single((await Store.ListHeldAsync(DateTimeOffset.MaxValue, 1, [], Cancel)).Due));
    }

    [Fact]
    public async Task Audit_HeldReleasedAndSuperseded_Balances()
    {
        await HoldAsync("e1", number: 1);
        await HoldAsync("e2", number: 2);
        await ReleaseAsync(Merged(3, takesIn: [1, 2]), refers: [3]);
        await AcceptAsync(Superseded("late", by: 3, (await KeyAsync()).Version));
        await HoldAsync("e3", number: 4, refers: [3, 4]);

        foreach (var reopen in new[] { false, true })
        {
            if (reopen)
                await ReopenAsync();

            var report = await Store.AuditAsync(Cancel);
            Assert.True(report.Balanced);
            var books = Assert.Single(report.Sources);
            Assert.Equal(new EventCounts { Accepted = 5, Routed = 1, Superseded = 3, Held = 1 }, books.Counted);
            Assert.Equal(books.Counted, books.Found);
        }
    }

    [Fact]
    public async Task Retain_HeldAndSuccessors_KeepsThemAsLongAsTheyAreNeeded()
    {
        var limits = new RetentionLimits(TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        await HoldAsync("e1", number: 1);
        var released = await ReleaseAsync(Merged(2, takesIn: [1]), refers: [2]);
        await SettleAsync(Assert.Single((await LeaseAsync()).Deliveries), DeliveryState.Delivered);
        await HoldAsync("held", number: 1, key: "k2");

        // What was taken in goes; what may be pointed to yet stays, as does what is held.
        Time.Advance(Window - TimeSpan.FromHours(1));
        Assert.Equal(1, await Store.RetainAsync(limits, Cancel));
        Assert.NotNull(await Store.FindAsync(released!.Id, Cancel));

        // Nobody new may point to it, but one still does.
        var late = await AcceptAsync(Superseded("late", by: 2, (await KeyAsync()).Version));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await Store.RetainAsync(limits, Cancel));
        Assert.Equal(released.Id, (await FindAsync(late.Event.Id)).SupersededBy);

        Time.Advance(TimeSpan.FromHours(1));
        foreach (var gone in new[] { 1, 1, 0 })
            Assert.Equal(gone, await Store.RetainAsync(limits, Cancel));

        Assert.Equal(EventState.Held, Assert.Single((await ListAsync()).Events).State);
        Assert.True((await Store.AuditAsync(Cancel)).Balanced);
    }

    [Fact]
    public async Task Retain_PassedAndLaterOnesMayBeSupersededByIt_KeepsIt()
    {
        var limits = new RetentionLimits(TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        var step = Step(version: 0, State("", [1])) with { Number = 1, KeepUntil = Time.GetUtcNow() + Window };
        var passed = await AcceptAsync(Request("e1", lease: false, ordered: true) with { Coalesce = step });
        await SettleAsync(Assert.Single((await LeaseAsync()).Deliveries), DeliveryState.Delivered);

        Time.Advance(Window - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await Store.RetainAsync(limits, Cancel));
        var late = await AcceptAsync(Superseded("late", by: 1, (await KeyAsync()).Version));
        Assert.Equal(passed.Event.Id, (await FindAsync(late.Event.Id)).SupersededBy);
    }

    [Fact]
    public async Task Retain_KeyIsToBeForgotten_ForgetsIt()
    {
        var versions = new HashSet<long>();
        for (var number = 1; number < 10; number++)
        {
            await HoldAsync($"e{number}", number, refers: [number]);
            versions.Add((await KeyAsync()).Version);
            await ReleaseAsync(Merged(number, takesIn: []) with { Event = null });
            versions.Add((await KeyAsync()).Version);
        }

        Time.Advance(Window);
        await Store.RetainAsync(new(TimeSpan.FromDays(7), TimeSpan.FromDays(7)), Cancel);

        Assert.Null(await Store.FindCoalescedAsync("crm", "k1", Cancel));
        await HoldAsync("e0", number: 1);
        Assert.DoesNotContain((await KeyAsync()).Version, versions);
    }

    [Fact]
    public async Task Retain_KeyWasChangedSince_KeepsItAsLongAsThatSays()
    {
        await HoldAsync("e1", number: 1);
        Time.Advance(Window / 2);
        await ReleaseAsync(Merged(2, takesIn: [1]), refers: [2]);
        Time.Advance(Window / 2);
        await Store.RetainAsync(new(TimeSpan.FromDays(7), TimeSpan.FromDays(7)), Cancel);

        Assert.Equal([2], (await KeyAsync()).Events.Keys);
    }

    [Fact]
    public async Task Replay_HeldOrSuperseded_IsRefused()
    {
        var held = await HoldAsync("e1", number: 1);
        Assert.IsType<ReplayResult.Held>(await Store.ReplayAsync(new(held, ["jira"], default), Cancel));

        var released = await ReleaseAsync(Merged(2, takesIn: [1]));
        Assert.Equal(new ReplayResult.Superseded(released!.Id), await Store.ReplayAsync(new(held, ["jira"], default), Cancel));
        Assert.IsType<ReplayResult.Replayed>(await Store.ReplayAsync(new(released.Id, ["jira"], default), Cancel));
    }

    [Fact]
    public async Task BulkReplay_HeldOrSuperseded_PassesThemOver()
    {
        await HoldAsync("e1", number: 1);
        var released = await ReleaseAsync(Merged(2, takesIn: [1]));
        await HoldAsync("e2", number: 1, key: "k2");
        var replay = await Store.BeginBulkReplayAsync(new BulkReplayRequest { Filter = new EventFilter(), Destinations = ["archive"] }, Cancel);

        var done = replay;
        while (await Store.ReadBulkReplayAsync(replay.Id, 100, Cancel) is { } page)
        {
            done = (await Store.StepBulkReplayAsync(
                new(replay.Id, page.From, page.Next, [.. page.Events.Select(e => new BulkReplayEvent(e.Id, ["archive"], default))]), Cancel))!;
        }

        Assert.Equal((3, 2, 1), ((int)done.Matched, (int)done.Skipped, (int)done.Made));
        var leased = (await Store.LeaseAsync([new LeaseRequest("archive", 10, 10_000, Bulk: true)], Cancel))[0];
        Assert.Equal(released!.Id, Assert.Single(leased.Deliveries).Event.Id);
    }
}

using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>The audit tells what other hands, or a bug, did to the tables; failed commits and reopenings it does not blame.</summary>
public sealed class BooksTests : SqliteStoreTest
{
    [Fact]
    public async Task Release_OfWhatWentOutAlready_IsABugThatChangesNothing()
    {
        CoalesceStep Step(long version, int? number = null) => new()
        {
            Source = "crm",
            Key = "k1",
            Version = version,
            State = new CoalescedState(default, [1], null, Time.GetUtcNow()),
            Number = number,
        };
        var release = new CoalescedRelease { Number = 1, Disposition = Disposition.Routed, Destinations = ["jira"], KeepUntil = Time.GetUtcNow() };
        await AcceptAsync(Request("held", to: []) with { Disposition = Disposition.Held, Coalesce = Step(0, number: 1) });
        await Store.ReleaseHeldAsync(Step(await VersionAsync()) with { Release = release }, CancellationToken.None);
        var before = await Store.AuditAsync(CancellationToken.None);

        var merged = release with { Number = 2, Event = Request("merged").Event, TakesIn = [1] };
        await Assert.ThrowsAnyAsync<Exception>(
            async () => await Store.ReleaseHeldAsync(Step(await VersionAsync()) with { Release = merged }, CancellationToken.None));

        var after = await Store.AuditAsync(CancellationToken.None);
        Assert.True(after.Balanced);
        Assert.Equal(before.Sources.Select(source => source.Counted), after.Sources.Select(source => source.Counted));
        Assert.Equal(before.Destinations.Select(destination => destination.Counted), after.Destinations.Select(destination => destination.Counted));

        async Task<long> VersionAsync() => (await Store.FindCoalescedAsync("crm", "k1", CancellationToken.None))!.Version;
    }

    [Theory]
    [InlineData("an event is gone", "DELETE FROM events WHERE seq = 1")]
    [InlineData("a delivery is gone", "DELETE FROM deliveries WHERE row = 1 << 12")]
    [InlineData("a delivery is doubled", "INSERT INTO deliveries (row, destination, state, attempts) SELECT row + 9, destination, state, attempts FROM deliveries WHERE row = 1 << 12")]
    [InlineData("made out to be delivered", "UPDATE deliveries SET state = 2, due_ms = NULL WHERE row = 3 << 12")]
    [InlineData("made out to be owed", "UPDATE deliveries SET state = 1, due_ms = 1 WHERE row = 1 << 12")]
    [InlineData("sent elsewhere", "UPDATE deliveries SET destination = destination + 1 WHERE row = 1 << 12")]
    [InlineData("never due", "UPDATE deliveries SET due_ms = NULL WHERE row = 3 << 12")]
    [InlineData("another source's", "UPDATE events SET source = 99 WHERE seq = 1")]
    [InlineData("made out to be filtered", "UPDATE events SET disposition = 2 WHERE seq = 4")]
    [InlineData("owes less", "UPDATE events SET owed = 0 WHERE seq = 3")]
    [InlineData("waits in no order", "DELETE FROM ordered WHERE row = 6 << 12")]
    [InlineData("its head is in no order", "DELETE FROM ordered WHERE row = 5 << 12")]
    [InlineData("its head waits itself", "UPDATE deliveries SET due_ms = 9223372036854775807 WHERE row = 5 << 12")]
    [InlineData("its head has ended", "UPDATE ordered SET row = 1 << 12 WHERE row = 5 << 12")]
    [InlineData("its head is gone", "UPDATE ordered SET row = 9 WHERE row = 5 << 12")]
    [InlineData("a replay made more", "UPDATE replays SET made = made + 1")]
    [InlineData("a replay is gone", "DELETE FROM replays")]
    [InlineData("nobody's replay", "UPDATE deliveries SET bulk = NULL WHERE bulk IS NOT NULL")]
    [InlineData("another replay's", "UPDATE deliveries SET bulk = 99 WHERE bulk IS NOT NULL")]
    [InlineData("held without a time to go out", "UPDATE coalesced SET release_ms = NULL")]
    [InlineData("held, and its key is gone", "DELETE FROM coalesced")]
    [InlineData("made out to be held", "UPDATE events SET disposition = 3 WHERE disposition = 4")]
    [InlineData("superseded by nothing", "DELETE FROM superseded")]
    [InlineData("superseded by what is held itself", "UPDATE superseded SET successor = (SELECT seq FROM events WHERE disposition = 3)")]
    [InlineData("its successor is gone", "DELETE FROM events WHERE seq = (SELECT successor FROM superseded)")]
    [InlineData("the books themselves", "UPDATE destination_books SET owed = owed + 1")]
    public async Task Audit_Corrupted_DoesNotBalance(string what, string sql)
    {
        await SettleAsync((await AcceptAsync(Request("delivered"))).Leased[0], DeliveryState.Delivered);
        await SettleAsync((await AcceptAsync(Request("dead"))).Leased[0], DeliveryState.Dead);
        await AcceptAsync(Request("due", lease: false));
        await AcceptAsync(Request("unrouted", to: []));
        await AcceptAsync(Request("head", lease: false, ordered: true));
        await AcceptAsync(Request("waits", ordered: true));
        await AcceptAsync(Request("held"));
        await CoalesceAsync();
        await ReplayAllAsync("jira");
        Assert.True((await Store.AuditAsync(Cancel)).Balanced);

        await OnWriterAsync(sql);

        Assert.True((await Store.AuditAsync(Cancel)).Unaccounted > 0, what);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Books_RandomFailuresAndReopenings_Balance(int seed)
    {
        var random = new Random(seed);
        var held = new List<Delivery>();
        for (var step = 0; step < 150; step++)
        {
            FailSometimes(random);
            await StepAsync(random, held, $"e{step}");
            BeforeCommit = AfterCommit = null;
            if (random.Next(25) == 0)
            {
                await ReopenAsync();
                held.Clear();
            }

            if (step % 10 == 0)
                Assert.Equal(0, (await Store.AuditAsync(Cancel)).Unaccounted);
        }

        var report = await Store.AuditAsync(Cancel);
        Assert.Equal(0, report.Unaccounted);
        Assert.True(report.Destinations.Sum(d => d.Counted.Owed) > 50);
    }

    [Fact]
    public async Task Open_FileOfAVersionWithoutBooks_IsCountedOnce()
    {
        await SettleAsync((await AcceptAsync(Request("delivered"))).Leased[0], DeliveryState.Delivered);
        await AcceptAsync(Request("unrouted", to: []));
        await AcceptAsync(Request("owed"));
        await Store.DisposeAsync();
        Directory.Delete(Options.Path + "-events", recursive: true);
        using (var connection = Connect())
        {
            foreach (var table in new[] { "paused", "source_books", "destination_books", "ordered", "replays", "segments", "coalesced", "superseded", "kept", "states" })
                SqliteEngine.Scalar(connection, $"DROP TABLE {table}");

            SqliteEngine.Scalar(connection, "DROP INDEX deliveries_due_bulk");
            SqliteEngine.Scalar(connection, "DROP INDEX deliveries_due");
            SqliteEngine.Scalar(connection, "CREATE INDEX deliveries_due ON deliveries(destination, due_ms) WHERE due_ms IS NOT NULL");
            foreach (var column in new[] { "replay", "replay_trace", "bulk" })
                SqliteEngine.Scalar(connection, $"ALTER TABLE deliveries DROP COLUMN {column}");

            SqliteEngine.Scalar(connection, "ALTER TABLE meta DROP COLUMN journal_at");
            foreach (var column in new[] { "at", "size", "origin" })
                SqliteEngine.Scalar(connection, $"ALTER TABLE events DROP COLUMN {column}");

            SqliteEngine.Scalar(connection, "PRAGMA user_version = 2");
        }

        await OpenAsync();

        var report = await Store.AuditAsync(Cancel);
        Assert.True(report.Balanced);
        Assert.Equal(new EventCounts { Accepted = 3, Routed = 2, Unrouted = 1 }, Assert.Single(report.Sources).Counted);
        Assert.Equal(new DeliveryCounts { Owed = 2, Pending = 1, Delivered = 1 }, Assert.Single(report.Destinations).Counted);
        Assert.Single((await LeaseAsync()).Deliveries);
    }

    private async Task StepAsync(Random random, List<Delivery> held, string id)
    {
        switch (random.Next(10))
        {
            case < 5:
                if (await TryAcceptAsync(AnyRequest(random, id)) is AcceptResult.Accepted accepted)
                    held.AddRange(accepted.Leased);
                break;

            case < 8 when held.Count > 0:
                var delivery = held[random.Next(held.Count)];
                held.Remove(delivery);
                var settled = SettleAsync(
                    delivery, (DeliveryState)random.Next(1, 4), TimeSpan.FromSeconds(1), blocks: random.Next(2) == 0);
                await UntilAsync(() =>
                {
                    Time.Advance(TimeSpan.FromMilliseconds(500));
                    return Task.FromResult(settled.IsCompleted);
                });
                break;

            case 7:
                await TryAsync(() => Store.ReleaseBlockedAsync(["a"], Cancel));
                break;

            case 8 when random.Next(3) == 0:
                await TryAsync(() => ReplayAllAsync("a"));
                await TryAsync(async () => held.AddRange(
                    (await Store.LeaseAsync([new LeaseRequest("a", 20, 100_000, Bulk: true)], Cancel))[0].Deliveries));
                break;

            case 8:
                var page = await Store.ListAsync(new EventFilter(), null, 20, Cancel);
                foreach (var listed in page.Events.Take(2))
                    await TryAsync(() => Store.ReplayAsync(new(listed.Id, ["a"], default), Cancel));
                break;

            default:
                Time.Advance(TimeSpan.FromMinutes(random.Next(10)));
                await TryAsync(() => Store.RetainAsync(new(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(40)), Cancel));
                break;
        }
    }

    private AcceptRequest AnyRequest(Random random, string id) => Request(
        id, to: ["a", "b"], lease: random.Next(2) == 0, key: $"k{random.Next(3)}", ordered: random.Next(2) == 0);

    private async Task ReplayAllAsync(string destination)
    {
        var request = new BulkReplayRequest { Filter = new EventFilter(), Destinations = [destination] };
        var begun = await Store.BeginBulkReplayAsync(request, Cancel);
        while (await Store.ReadBulkReplayAsync(begun.Id, 7, Cancel) is { } page)
        {
            await Store.StepBulkReplayAsync(
                new BulkReplayStep(begun.Id, page.From, page.Next, [.. page.Events.Select(e => new BulkReplayEvent(e.Id, [destination], default))]),
                Cancel);
        }
    }

    /// <summary>Makes one event of two that were held, and holds another.</summary>
    private async Task CoalesceAsync()
    {
        await HoldAsync("first", number: 1);
        await HoldAsync("second", number: 2);
        await ReleaseAsync(Merged(3, takesIn: [1, 2]), refers: [3]);
        await HoldAsync("third", number: 4);
    }

    private void FailSometimes(Random random)
    {
        void Fail()
        {
            BeforeCommit = AfterCommit = null;
            throw IoError;
        }

        if (random.Next(6) == 0)
            BeforeCommit = Fail;
        else if (random.Next(6) == 0)
            AfterCommit = Fail;
    }

    private static async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (StoreException)
        {
        }
    }
}

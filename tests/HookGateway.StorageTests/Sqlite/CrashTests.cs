using HookGateway.Events;
using HookGateway.Storage.Sqlite;
using HookGateway.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>
/// What a crash leaves behind: the files are copied at one instant, and a store is opened over the copy. An event, its mark
/// and what it owes are there together or not at all.
/// </summary>
public sealed class CrashTests : SqliteStoreTest
{
    [Fact]
    public async Task Accept_CrashRightBeforeTheCommit_LeavesNeitherEventNorMark()
    {
        await AcceptAsync(Request("before"));
        var crashed = "";
        BeforeCommit = () => crashed = CopyFiles();

        var accepted = await AcceptAsync(Request("lost"));

        await using var store = await OpenAsync(crashed);
        Assert.Null(await store.FindAsync(accepted.Event.Id, Cancel));
        Assert.Equal(1, Assert.Single(await store.PendingAsync(Cancel)).Count);

        // The sender's retry is no duplicate of what was never stored.
        Assert.IsType<AcceptResult.Accepted>(await store.AcceptAsync(Request("lost")));
    }

    [Fact]
    public async Task Accept_CrashRightAfterTheCommit_LeavesEventMarkAndAllItOwes()
    {
        var crashed = "";
        AfterCommit = () => crashed = CopyFiles();

        var accepted = await AcceptAsync(Request("kept", to: ["jira", "slack"]));

        await using var store = await OpenAsync(crashed);
        Assert.Equal(new AcceptResult.Duplicate(accepted.Event.Id), await store.AcceptAsync(Request("kept")));
        var leased = await store.LeaseAsync([new("jira", 10, 10_000), new("slack", 10, 10_000)], Cancel);
        Assert.All(leased, result => Assert.Equal(accepted.Event.Id, Assert.Single(result.Deliveries).Event.Id));
    }

    [Fact]
    public async Task Accept_CrashRightAfterTheCommit_KeepsWhoMadeTheEventAndWhatBecameOfIt()
    {
        var crashed = "";
        AfterCommit = () => crashed = CopyFiles();
        var request = Request(to: []);

        var accepted = await AcceptAsync(request with { Event = request.Event with { Origin = EventOrigin.Reconcile } });

        await using var store = await OpenAsync(crashed);
        var found = await store.FindAsync(accepted.Event.Id, Cancel);
        Assert.Equal((EventOrigin.Reconcile, Disposition.Unrouted), (found!.Event.Origin, found.Disposition));
    }

    [Fact]
    public async Task Settle_CrashRightBeforeTheCommit_TellsNobodyAndMakesTheAttemptAgain()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        var (crashed, told, toldBefore) = ("", false, false);
        BeforeCommit = () => (crashed, toldBefore) = (CopyFiles(), told);
        Store.Settle(Settlement(delivery, DeliveryState.Delivered) with { Written = _ => told = true });
        await UntilAsync(() => Task.FromResult(told));

        Assert.False(toldBefore);
        await using var store = await OpenAsync(crashed);
        Assert.Equal(0, Assert.Single((await store.LeaseAsync([new("jira", 10, 10_000)], Cancel))[0].Deliveries).Attempts);
    }

    private async Task<SqliteEventStore> OpenAsync(string path)
    {
        var store = new SqliteEventStore(new SqliteStoreOptions { Path = path }, Time, NullLogger<SqliteEventStore>.Instance);
        await store.OpenAsync(Cancel);
        return store;
    }
}

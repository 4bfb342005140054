using HookGateway.Events;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>Bulk replays over many partitions, by several gateways, on a Redis that fails.</summary>
public sealed class RedisBulkReplayTests : RedisStoreTest
{
    private const int Events = 200;
    private static readonly BulkReplayRequest ToSlack = new() { Filter = new EventFilter(), Destinations = ["slack"] };

    public override ValueTask InitializeAsync() => StartServerAsync("--appendonly", "yes", "--appendfsync", "always");

    [Fact]
    public async Task Run_ManyPartitions_ComesToEachEventOnceInTheOrderOfItsKey()
    {
        var store = await FilledAsync();

        var begun = await store.BeginBulkReplayAsync(ToSlack, Cancel);
        await AcceptAsync(store, Request("after it began"));
        var seen = await RunAsync(store, begun.Id);

        Assert.Equal(Enumerable.Range(0, Events).Select(Name), seen.Select(e => e.SourceId!).Order(StringComparer.Ordinal));
        Assert.All(seen.GroupBy(e => e.Key), key => Assert.Equal(key.Select(e => e.SourceId).Order(StringComparer.Ordinal), key.Select(e => e.SourceId)));
        var ended = await FindAsync(store, begun.Id);
        Assert.Equal((BulkReplayState.Done, (long)Events, (long)Events, (long)Events), (ended.State, ended.Total, ended.Scanned, ended.Made));
        Assert.NotNull(ended.EndedAt);
        Assert.Equal(0, (await store.AuditAsync(Cancel)).Unaccounted);
    }

    [Fact]
    public async Task Run_SeveralGatewaysAtOnce_MakesEachOnce()
    {
        var first = await FilledAsync();
        var (second, third) = (await OpenAsync(), await OpenAsync());
        var begun = await first.BeginBulkReplayAsync(ToSlack, Cancel);

        await Task.WhenAll(RunAsync(first, begun.Id), RunAsync(second, begun.Id), RunAsync(third, begun.Id));

        var ended = await FindAsync(second, begun.Id);
        Assert.Equal((BulkReplayState.Done, (long)Events, (long)Events), (ended.State, ended.Matched, ended.Made));
        Assert.Equal(Events, (await third.PendingAsync(Cancel)).Single(p => p.Destination == "slack").Count);
        Assert.Equal(0, (await third.AuditAsync(Cancel)).Unaccounted);
    }

    [Fact]
    public async Task Run_RedisKilledInTheMiddle_GoesOnWhereItStood()
    {
        var store = await FilledAsync();
        var begun = await store.BeginBulkReplayAsync(ToSlack, Cancel);
        for (var step = 0; step < 12; step++)
            await StepAsync(store, (await store.ReadBulkReplayAsync(begun.Id, 7, Cancel))!);

        var made = (await FindAsync(store, begun.Id)).Made;
        await Server.KillAsync();
        await Wait.UntilAsync(() => !store.IsWritable, "the store to notice");
        await Assert.ThrowsAsync<StoreException>(() => store.ReadBulkReplayAsync(begun.Id, 7, Cancel).AsTask());
        await Server.StartAgainAsync();
        await store.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);

        Assert.Equal(made, (await FindAsync(store, begun.Id)).Made);
        await RunAsync(store, begun.Id);
        Assert.Equal(Events, (await FindAsync(store, begun.Id)).Made);
        Assert.Equal(0, (await store.AuditAsync(Cancel)).Unaccounted);
    }

    [Fact]
    public async Task Step_RedisFull_IsRefusedAndMakesNothing()
    {
        var store = await FilledAsync();
        var begun = await store.BeginBulkReplayAsync(ToSlack, Cancel);
        var page = (await store.ReadBulkReplayAsync(begun.Id, 7, Cancel))!;
        await RunAsync("CONFIG", "SET", "maxmemory", 1);

        await Assert.ThrowsAsync<StoreException>(() => StepAsync(store, page));
        Assert.Equal(0, (await FindAsync(store, begun.Id)).Made);

        await RunAsync("CONFIG", "SET", "maxmemory", 0);
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    return (await StepAsync(store, page))!.Made > 0;
                }
                catch (StoreException)
                {
                    return false;
                }
            },
            "room to be noticed");
    }

    [Fact]
    public async Task List_EndedAndOwingNothing_StaysAsItWas()
    {
        var store = await FilledAsync();
        var begun = await store.BeginBulkReplayAsync(ToSlack with { Filter = new EventFilter { Key = "k1" } }, Cancel);
        await RunAsync(store, begun.Id);
        await Wait.UntilAsync(
            async () =>
            {
                var leased = (await store.LeaseAsync([new LeaseRequest("slack", 100, 1_000_000, Bulk: true)], Cancel))[0].Deliveries;
                foreach (var delivery in leased)
                    await SettleAsync(store, delivery, DeliveryState.Delivered);

                return (await FindAsync(store, begun.Id)).Pending == 0;
            },
            "all to be delivered");

        var once = Assert.Single(await store.ListBulkReplaysAsync(Cancel));
        var again = Assert.Single(await store.ListBulkReplaysAsync(Cancel));

        Assert.Equal((await FindAsync(store, begun.Id)) with { Request = once.Request }, once);
        Assert.Equal(once with { Request = again.Request }, again);
        Assert.Equal((once.Request.Filter, 10L), (again.Request.Filter, again.Delivered));
        Assert.Equal(["slack"], again.Request.Destinations!);
    }

    [Fact]
    public async Task Begin_OneNodeLostWhatItHadPromised_GivesNoNumberTwice()
    {
        var store = await FilledAsync();
        var first = await store.BeginBulkReplayAsync(ToSlack, Cancel);
        await RunAsync(store, first.Id);
        await RunAsync("DEL", "{hookgateway:0}:meta", "{hookgateway:0}:replays");

        var second = await store.BeginBulkReplayAsync(ToSlack, Cancel);

        Assert.True(second.Id > first.Id, $"{second.Id} after {first.Id}");
    }

    private static string Name(int number) => $"e{number:000}";

    /// <summary>A store with events of 20 keys.</summary>
    private async Task<RedisEventStore> FilledAsync()
    {
        var store = await OpenAsync();
        for (var i = 0; i < Events; i++)
            await AcceptAsync(store, Request(Name(i), lease: false, key: $"k{i % 20}"));

        return store;
    }

    private static async Task<List<EventSummary>> RunAsync(RedisEventStore store, long id)
    {
        var seen = new List<EventSummary>();
        while (await store.ReadBulkReplayAsync(id, 7, Cancel) is { } page)
        {
            seen.AddRange(page.Events);
            await StepAsync(store, page);
        }

        return seen;
    }

    private static Task<BulkReplay?> StepAsync(RedisEventStore store, BulkReplayPage page) => store.StepBulkReplayAsync(
        new BulkReplayStep(page.Replay.Id, page.From, page.Next, [.. page.Events.Select(e => new BulkReplayEvent(e.Id, ["slack"], default))]), Cancel);

    private static async Task<BulkReplay> FindAsync(RedisEventStore store, long id) =>
        Assert.IsType<BulkReplay>(await store.FindBulkReplayAsync(id, Cancel));
}

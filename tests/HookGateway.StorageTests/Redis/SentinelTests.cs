using System.Collections.Concurrent;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Redis;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>A replica takes over: the store follows by itself, and has what the replica had.</summary>
public sealed class SentinelTests : RedisStoreTest
{
    private RedisSentinel _redis = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _redis = await RedisSentinel.StartAsync("--appendonly", "yes", "--appendfsync", "always");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Primary_Killed_TheStoreFollowsTheReplicaWithAllItHad()
    {
        var store = await OpenAsync(Options with { Connection = _redis.Connection + RedisEngine.Patient });
        var before = await AcceptAsync(store, Request("e1"));
        var waiting = await AcceptAsync(store, Request("e2", lease: false));
        await _redis.WhenReplicatedAsync();

        await _redis.Primary.KillAsync();
        await Wait.UntilAsync(() => !store.IsWritable, "the store to notice");
        Assert.IsType<AcceptResult.Unavailable>(await store.AcceptAsync(Request("e3")));
        await _redis.WhenFailedOverAsync();
        await store.WhenWritableAsync(Cancel).WaitAsync(RedisSentinel.Soon, Cancel);

        Assert.Equal(new AcceptResult.Duplicate(before.Event.Id), await store.AcceptAsync(Request("e1")));
        await SettleAsync(store, before.Leased[0], DeliveryState.Delivered);
        Assert.Equal(waiting.Event.Id, Assert.Single(await LeaseAsync(store)).Event.Id);
        await AcceptAsync(store, Request("e3"));
    }

    [Fact]
    public async Task OldPrimary_ComesBackUnderLoad_NothingIsAcknowledgedThatOnlyItHas()
    {
        var store = await OpenAsync(Options with { Connection = _redis.Connection + RedisEngine.Patient, CloseTimeout = TimeSpan.Zero, LookAtPromises = TimeSpan.FromSeconds(1) });
        await AcceptAsync(store, Request("before"));
        await _redis.WhenReplicatedAsync();
        await _redis.Primary.KillAsync();
        await _redis.WhenFailedOverAsync();

        await LoseNothingAsync(store, async acknowledged =>
        {
            await WhenMoreAsync(acknowledged);
            await _redis.Primary.StartAgainAsync();
            await _redis.WhenOldPrimaryFollowsAsync();
            await WhenMoreAsync(acknowledged);
        });

        Assert.Null(store.Condition.Refusal);
    }

    [Fact]
    public async Task Primary_KilledUnderLoadWhereAReplicaMustHaveIt_NothingAcknowledgedIsLost()
    {
        await using var redis = await RedisSentinel.StartAsync("--min-replicas-to-write", "1");
        await Wait.UntilAsync(
            async () => (await redis.Primary.RunAsync("INFO replication")).Contains("min_slaves_good_slaves:1", StringComparison.Ordinal), "the primary to count its replica");
        var store = await OpenAsync(Options with
        {
            Connection = redis.Connection + RedisEngine.Patient,
            Durability = StorageDurability.Replicated,
            CloseTimeout = TimeSpan.Zero,
            LookAtPromises = TimeSpan.FromSeconds(1),
        });

        await LoseNothingAsync(store, async acknowledged =>
        {
            await WhenMoreAsync(acknowledged);
            await redis.Primary.KillAsync();
            await redis.WhenFailedOverAsync();

            // Alone, the new primary takes nothing.
            await redis.Primary.StartAgainAsync();
            await redis.WhenOldPrimaryFollowsAsync();
            await WhenMoreAsync(acknowledged);
        });
    }

    private static async Task LoseNothingAsync(RedisEventStore store, Func<ConcurrentBag<EventId>, Task> meanwhile)
    {
        var acknowledged = new ConcurrentBag<EventId>();
        using var stop = new CancellationTokenSource();
        var sending = Task.Run(() => SendAsync(store, acknowledged, stop.Token), Cancel);
        await meanwhile(acknowledged);
        await stop.CancelAsync();
        await sending;
        Assert.All(await Task.WhenAll(acknowledged.Select(id => store.FindAsync(id, Cancel).AsTask())), Assert.NotNull);
    }

    private static async Task WhenMoreAsync(ConcurrentBag<EventId> acknowledged)
    {
        var before = acknowledged.Count;
        await Wait.UntilAsync(() => acknowledged.Count > before + 50, "events to be taken", RedisSentinel.Soon);
    }
}

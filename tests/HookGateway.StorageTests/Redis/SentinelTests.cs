using HookGateway.Events;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Redis;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>A replica takes over: the store follows by itself, and has what the replica had.</summary>
public sealed class SentinelTests : RedisStoreTest
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(10);

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
        var store = await OpenAsync(Options with { Connection = _redis.Connection });
        var before = await AcceptAsync(store, Request("e1"));
        var waiting = await AcceptAsync(store, Request("e2", lease: false));
        await _redis.WhenReplicatedAsync();

        await _redis.Primary.KillAsync();
        await Wait.UntilAsync(() => !store.IsWritable, "the store to notice");
        Assert.IsType<AcceptResult.Unavailable>(await store.AcceptAsync(Request("e3")));
        await _redis.WhenFailedOverAsync();
        await store.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);

        Assert.Equal(new AcceptResult.Duplicate(before.Event.Id), await store.AcceptAsync(Request("e1")));
        await SettleAsync(store, before.Leased[0], DeliveryState.Delivered);
        Assert.Equal(waiting.Event.Id, Assert.Single(await LeaseAsync(store)).Event.Id);
        await AcceptAsync(store, Request("e3"));
    }

    [Fact]
    public async Task OldPrimary_ComesBackUnderLoad_NothingIsAcknowledgedThatOnlyItHas()
    {
        var store = await OpenAsync(Options with { Connection = _redis.Connection, CloseTimeout = TimeSpan.Zero, LookAtPromises = TimeSpan.FromSeconds(1) });
        await AcceptAsync(store, Request("before"));
        await _redis.WhenReplicatedAsync();
        await _redis.Primary.KillAsync();
        await _redis.WhenFailedOverAsync();

        var acknowledged = new List<EventId>();
        using var stop = new CancellationTokenSource();
        var sending = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                if (await store.AcceptAsync(Request($"e{i}", key: $"k{i % 10}")) is AcceptResult.Accepted accepted)
                {
                    lock (acknowledged)
                        acknowledged.Add(accepted.Event.Id);
                }
                else
                {
                    await Task.Delay(BetweenTries, TimeProvider.System, Cancel);
                }
            }
        }, Cancel);
        await WhenMoreAsync(acknowledged);
        await _redis.Primary.StartAgainAsync();
        await _redis.WhenOldPrimaryFollowsAsync();
        await WhenMoreAsync(acknowledged);
        await stop.CancelAsync();
        await sending;

        Assert.All(await Task.WhenAll(acknowledged.Select(id => store.FindAsync(id, Cancel).AsTask())), Assert.NotNull);
        Assert.Null(store.Condition.Refusal);
    }

    private static async Task WhenMoreAsync(List<EventId> acknowledged)
    {
        int Count()
        {
            lock (acknowledged)
                return acknowledged.Count;
        }

        var before = Count();
        await Wait.UntilAsync(() => Count() > before + 50, "events to be taken", Soon);
    }
}

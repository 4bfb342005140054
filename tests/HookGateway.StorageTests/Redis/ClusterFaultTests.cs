using HookGateway.Events;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Redis;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>A node of a Cluster goes and comes back: nothing is accepted meanwhile, and nothing is lost.</summary>
public sealed class ClusterFaultTests : RedisStoreTest
{
    private RedisCluster _redis = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _redis = await RedisCluster.StartAsync("--appendonly", "yes", "--appendfsync", "always");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Node_KilledAndStartedAgain_HasEverythingAndTheStoreComesBack()
    {
        var store = await OpenAsync(Options with { Connection = _redis.Connection + RedisEngine.Patient, AcceptTimeout = TimeSpan.FromMilliseconds(1) });
        var before = new List<AcceptResult.Accepted>();
        for (var i = 0; i < 30; i++)
            before.Add(await AcceptAsync(store, Request($"e{i}", key: $"k{i}")));

        await _redis.Nodes[1].KillAsync();
        await Wait.UntilAsync(() => !store.IsWritable, "the store to notice");
        Assert.IsType<AcceptResult.Unavailable>(await store.AcceptAsync(Request("later")));
        var settling = before.Select(accepted => SettleAsync(store, accepted.Leased[0], DeliveryState.Delivered)).ToArray();

        await _redis.Nodes[1].StartAgainAsync();
        await store.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);
        await Task.WhenAll(settling);
        foreach (var (i, accepted) in before.Index())
        {
            Assert.Equal(DeliveryState.Delivered, (await store.FindAsync(accepted.Event.Id, Cancel))!.Deliveries[0].State);
            Assert.Equal(new AcceptResult.Duplicate(accepted.Event.Id), await store.AcceptAsync(Request($"e{i}", key: $"k{i}")));
        }

        await AcceptAsync(store, Request("later"));
    }
}

using System.Globalization;
using HookGateway.Events;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>Redis goes, comes back, stands still, forgets its scripts or is full: nothing acknowledged is lost, and the store comes back.</summary>
public sealed class RedisFaultTests : RedisStoreTest
{
    private const int FillerBytes = 40 * 1024 * 1024;

    public override ValueTask InitializeAsync() => StartServerAsync("--appendonly", "yes", "--appendfsync", "always");

    [Fact]
    public async Task Server_KilledAndStartedAgain_HasEverythingAndTheStoreComesBack()
    {
        var store = await OpenAsync(Options with { AcceptTimeout = TimeSpan.FromMilliseconds(1) });
        var before = await AcceptAsync(store, Request("e1"));
        await Server.KillAsync();
        await Wait.UntilAsync(() => !store.IsWritable, "the store to notice");

        Assert.IsType<AcceptResult.Unavailable>(await store.AcceptAsync(Request("e2")));
        await Assert.ThrowsAsync<StoreException>(() => LeaseAsync(store));
        var settling = SettleAsync(store, before.Leased[0], DeliveryState.Delivered);

        await Server.StartAgainAsync();
        await store.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);
        await settling;
        Assert.Equal(DeliveryState.Delivered, (await store.FindAsync(before.Event.Id, Cancel))!.Deliveries[0].State);
        Assert.Equal(new AcceptResult.Duplicate(before.Event.Id), await store.AcceptAsync(Request("e1")));
        await AcceptAsync(store, Request("e2"));
    }

    [Fact]
    public async Task Accept_AnswerDoesNotCome_IsAskedAgainAndStoredOnce()
    {
        // The first sees that no answer comes; what the other is asked may take as long as the disk does.
        var (store, patient) = (await OpenAsync(Options with { Connection = $"{Server.Connection},asyncTimeout=5000" }), await OpenAsync());
        Server.Pause();
        var accepting = AcceptAsync(store, Request("e1"));
        await Wait.UntilAsync(() => !store.IsWritable, "the store to notice");
        Server.Resume();

        // What was sent before is done by the server all the same; the second time finds it.
        var accepted = await accepting;

        Assert.Single(accepted.Leased);
        Assert.Equal(1, Assert.Single(await patient.PendingAsync(Cancel)).Count);
        await SettleAsync(store, accepted.Leased[0], DeliveryState.Delivered);
        Assert.Equal(new AcceptResult.Duplicate(accepted.Event.Id), await patient.AcceptAsync(Request("e1")));
    }

    [Fact]
    public async Task Lease_OnePartitionDoesNotGive_HasWhatOthersGave()
    {
        var store = await OpenAsync();
        var accepted = new List<AcceptResult.Accepted>();
        for (var i = 0; i < 20; i++)
            accepted.Add(await AcceptAsync(store, Request($"e{i}", lease: false, key: $"k{i}")));

        var spoilt = EventAddress.Of(accepted[0].Event.Id);
        await RunAsync("SET", $"{{hookgateway:{spoilt.Partition}}}:e:{spoilt.Number}", "no hash");

        var leased = await LeaseAsync(store);

        Assert.Equal(
            accepted.Select(one => one.Event.Id).Where(id => EventAddress.Of(id).Partition != spoilt.Partition).ToHashSet(),
            leased.Select(delivery => delivery.Event.Id).ToHashSet());
        await Assert.ThrowsAsync<StoreException>(() => LeaseAsync(store));
    }

    [Fact]
    public async Task Scripts_Forgotten_AreLoadedAgain()
    {
        var store = await OpenAsync();
        var first = await AcceptAsync(store, Request("e1"));
        await RunAsync("SCRIPT", "FLUSH");

        await SettleAsync(store, first.Leased[0], DeliveryState.Delivered);
        await AcceptAsync(store, Request("e2"));
    }

    [Fact]
    public async Task Memory_Full_RefusesEventsAndDrains()
    {
        var store = await OpenAsync();
        var accepted = await AcceptAsync(store, Request("e1"));
        var waiting = await AcceptAsync(store, Request("e2", lease: false));
        await RunAsync("CONFIG", "SET", "maxmemory", 1);

        Assert.IsType<AcceptResult.Unavailable>(await store.AcceptAsync(Request("e3")));
        Assert.True(store.IsWritable);
        await SettleAsync(store, accepted.Leased[0], DeliveryState.Retrying);
        var leased = await LeaseAsync(store);
        Assert.Contains(leased, delivery => delivery.Event.Id == waiting.Event.Id);
        foreach (var delivery in leased)
            await SettleAsync(store, delivery, DeliveryState.Delivered);

        await RunAsync("CONFIG", "SET", "maxmemory", 0);
        await Wait.UntilAsync(async () => await store.AcceptAsync(Request("e3")) is AcceptResult.Accepted, "room to be noticed");
    }

    [Fact]
    public async Task Memory_NearlyFull_RefusesEventsBeforeRedisDoes()
    {
        var store = await OpenAsync();
        await RunAsync("SET", "filler", new byte[FillerBytes]);
        var used = (await RunAsync("INFO", "memory")).Split('\n').Single(line => line.StartsWith("used_memory:", StringComparison.Ordinal));
        await RunAsync("CONFIG", "SET", "maxmemory", long.Parse(used.AsSpan("used_memory:".Length), CultureInfo.InvariantCulture) * 10 / 9);

        var count = 0;
        string? refused = null;
        await Wait.UntilAsync(
            async () => (refused = (await store.AcceptAsync(Request($"e{count++}")) as AcceptResult.Unavailable)?.Reason) is not null,
            "the store to notice");

        Assert.Contains("full", refused, StringComparison.Ordinal);
        Assert.True(store.IsWritable);
    }
}

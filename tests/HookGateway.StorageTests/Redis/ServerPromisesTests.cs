using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Store;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>A Redis that promises less than it is asked for is refused, with what to set.</summary>
public sealed class ServerPromisesTests : RedisStoreTest
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData("maxmemory-policy=allkeys-lru", StorageDurability.Memory, "maxmemory-policy noeviction")]
    [InlineData("maxmemory-policy=volatile-ttl", StorageDurability.Memory, "maxmemory-policy noeviction")]
    [InlineData("appendonly=no", StorageDurability.Fsync, "appendonly yes")]
    [InlineData("appendonly=yes appendfsync=everysec", StorageDurability.Fsync, "appendfsync always")]
    public async Task Open_ServerPromisesLess_IsRefusedWithWhatToSet(string settings, StorageDurability durability, string toSet)
    {
        await ConfigureAsync(settings);

        var refused = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(Options with { Durability = durability }));

        Assert.Contains(toSet, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("appendonly=yes appendfsync=always", StorageDurability.Fsync)]
    [InlineData("appendonly=yes appendfsync=everysec", StorageDurability.Memory)]
    [InlineData("appendonly=no", StorageDurability.Memory)]
    public async Task Open_ServerPromisesEnough_Works(string settings, StorageDurability durability)
    {
        await ConfigureAsync(settings);

        await AcceptAsync(await OpenAsync(Options with { Durability = durability }), Request("e1"));
    }

    [Fact]
    public async Task Open_ConfigForbidden_WorksAndSaysSo()
    {
        await ConfigureAsync("appendonly=yes appendfsync=always");
        await RunAsync("ACL", "SETUSER", "gateway", "on", ">secret", "~*", "&*", "+@all", "-config");

        await AcceptAsync(
            await OpenAsync(Options with { Connection = $"{Server.Connection},user=gateway,password=secret", Durability = StorageDurability.Fsync }),
            Request("e1"));
    }

    [Fact]
    public async Task Open_NobodyListens_IsRefusedWithWhatToCheck()
    {
        await Server.KillAsync();

        var refused = await Assert.ThrowsAsync<StoreException>(
            () => OpenAsync(Options with { Connection = $"{Server.Connection},connectTimeout=500,connectRetry=1" }));

        Assert.Contains("storage.connection", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("appendfsync=everysec", "appendfsync=always", "appendfsync always")]
    [InlineData("maxmemory-policy=allkeys-lru", "maxmemory-policy=noeviction", "maxmemory-policy noeviction")]
    public async Task Running_ServerPromisesLess_TakesNoEventDrainsAndComesBack(string less, string enough, string toSet)
    {
        await ConfigureAsync("appendonly=yes appendfsync=always");
        var store = await OpenAsync(Options with { Durability = StorageDurability.Fsync, LookAtPromises = Often });
        var before = await AcceptAsync(store, Request("e1"));

        await ConfigureAsync(less);
        await Wait.UntilAsync(() => store.Condition.Refusal is not null, "the store to notice");

        Assert.Contains(toSet, store.Condition.Refusal, StringComparison.Ordinal);
        Assert.Contains(toSet, Assert.IsType<AcceptResult.Unavailable>(await store.AcceptAsync(Request("e2"))).Reason, StringComparison.Ordinal);
        Assert.True(store.IsWritable);
        await SettleAsync(store, before.Leased[0], DeliveryState.Delivered);

        await ConfigureAsync(enough);
        await Wait.UntilAsync(() => store.Condition.Refusal is null, "the store to notice");
        await AcceptAsync(store, Request("e2"));
    }

    [Fact]
    public async Task Reconnected_ToAServerThatPromisesLess_TakesNoEvent()
    {
        await ConfigureAsync("appendonly=yes appendfsync=always");
        var store = await OpenAsync(Options with { Durability = StorageDurability.Fsync });

        // It starts again as it was started first: without an append-only file.
        await Server.KillAsync();
        await Wait.UntilAsync(() => !store.IsWritable, "the store to notice");
        await Server.StartAgainAsync();
        await store.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);

        Assert.Contains("appendonly yes", Assert.IsType<AcceptResult.Unavailable>(await store.AcceptAsync(Request("e1"))).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Running_ServerPromisesWhatCanBeLost_SaysSo()
    {
        var store = await OpenAsync(Options with { LookAtPromises = Often });
        Assert.Contains("no append-only file", Assert.Single(store.Condition.Warnings), StringComparison.Ordinal);

        await ConfigureAsync("appendonly=yes appendfsync=everysec");
        await Wait.UntilAsync(() => store.Condition.Warnings is [var warning] && warning.Contains("about a second", StringComparison.Ordinal), "the store to notice");
        await ConfigureAsync("appendfsync=always");
        await Wait.UntilAsync(() => store.Condition.Warnings.Count == 0, "the store to notice");
    }

    private async Task ConfigureAsync(string settings)
    {
        foreach (var setting in settings.Split(' '))
            await RunAsync("CONFIG", "SET", setting.Split('=')[0], setting.Split('=')[1]);
    }
}

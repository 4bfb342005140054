using HookGateway.Configuration;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>A Redis that promises less than it is asked for is refused, with what to set.</summary>
public sealed class ServerPromisesTests : RedisStoreTest
{
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

    private async Task ConfigureAsync(string settings)
    {
        foreach (var setting in settings.Split(' '))
            await RunAsync("CONFIG", "SET", setting.Split('=')[0], setting.Split('=')[1]);
    }
}

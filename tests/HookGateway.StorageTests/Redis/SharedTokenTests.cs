using System.Globalization;
using HookGateway.Deliver.Outbound;
using HookGateway.Storage.Redis;
using HookGateway.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>Gateways on one Redis share access tokens, which nobody else can read there, and need it for none.</summary>
public sealed class SharedTokenTests : RedisStoreTest
{
    private readonly List<ServiceProvider> _services = [];
    private int _issued;

    public override async ValueTask DisposeAsync()
    {
        foreach (var services in _services)
            await services.DisposeAsync();

        await base.DisposeAsync();
    }

    [Fact]
    public async Task Get_AnotherGatewayHasOne_IsThatOne()
    {
        var (first, second) = (TokensOf(await OpenAsync()), TokensOf(await OpenAsync()));

        Assert.Equal(["token-1", "token-1"], [await GetAsync(first), await GetAsync(second)]);
    }

    [Fact]
    public async Task Get_OthersSecret_IsAnother()
    {
        var (first, second) = (TokensOf(await OpenAsync()), TokensOf(await OpenAsync(), "another secret"));

        Assert.Equal(["token-1", "token-2"], [await GetAsync(first), await GetAsync(second)]);
    }

    [Fact]
    public async Task Kept_LiesUnderThePrefixSealedAndExpires()
    {
        await GetAsync(TokensOf(await OpenAsync(Options with { Prefix = "mine" })));

        var key = Assert.Single((await RunAsync("EVAL", "return table.concat(redis.call('KEYS', '*oauth2*'), ' ')", 0)).Split(' '));
        Assert.StartsWith("mine:cache:oauth2:jira:", key, StringComparison.Ordinal);
        Assert.InRange(int.Parse(await RunAsync("TTL", key), CultureInfo.InvariantCulture), 1, 3600);
        var value = await RunAsync("EVAL", "return table.concat(redis.call('HGETALL', KEYS[1]), ' ')", 1, key);
        Assert.DoesNotContain("token-1", value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_KeptWasChanged_AsksAnew()
    {
        await GetAsync(TokensOf(await OpenAsync()));
        var key = await RunAsync("EVAL", "return redis.call('KEYS', '*oauth2*')[1]", 0);
        await RunAsync(
            "EVAL", "local v = redis.call('HGET', KEYS[1], 'data') redis.call('HSET', KEYS[1], 'data', v:sub(1, -2) .. string.char((v:byte(-1) + 1) % 256))", 1, key);

        Assert.Equal("token-2", await GetAsync(TokensOf(await OpenAsync())));
    }

    [Fact]
    public async Task Get_RefusedAtBoth_IsAskedForOnce()
    {
        var (first, second) = (TokensOf(await OpenAsync()), TokensOf(await OpenAsync()));
        var refused = (await first.GetAsync(Cancel), await second.GetAsync(Cancel));

        Assert.True(await first.TryDropAsync(refused.Item1));
        Assert.Equal("token-2", await GetAsync(first));
        Assert.True(await second.TryDropAsync(refused.Item2));
        Assert.Equal("token-2", await GetAsync(second));
    }

    [Fact]
    public async Task Get_RedisIsGone_AsksForOneAllTheSame()
    {
        var store = await OpenAsync();
        await Server.KillAsync();
        await Wait.UntilAsync(() => !store.IsWritable, "the store to notice");

        Assert.Equal("token-1", await GetAsync(TokensOf(store)));
    }

    [Fact]
    public async Task Get_RedisDoesNotAnswer_AsksForOneAllTheSame()
    {
        var store = await OpenAsync(Options with { CacheTimeout = TimeSpan.FromSeconds(1) });
        Server.Pause();

        Assert.Equal("token-1", await GetAsync(TokensOf(store)));

        Server.Resume();
    }

    private static async Task<string> GetAsync(AccessTokens tokens) => (await tokens.GetAsync(Cancel).AsTask().WaitAsync(Soon, Cancel)).Value;

    private AccessTokens TokensOf(RedisEventStore store, string secret = "a secret of the test")
    {
        var services = new ServiceCollection();
        services.AddSingleton<IDistributedCache>(store.OpenCache());
        services.AddHybridCache();
        var provider = services.BuildServiceProvider();
        _services.Add(provider);
        return new AccessTokens(
            "oauth2:jira", ["http://localhost/token", "me", secret], RequestAsync, provider.GetRequiredService<HybridCache>(),
            TimeProvider.System, isShared: true);
    }

    private ValueTask<AccessToken> RequestAsync(CancellationToken cancellationToken) =>
        new(new AccessToken($"token-{Interlocked.Increment(ref _issued)}", TimeProvider.System.GetUtcNow().AddHours(1)));
}

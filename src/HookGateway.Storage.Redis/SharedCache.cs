using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis;

/// <summary>
/// What gateways need not each find out for themselves. While Redis is away or slow it is empty and keeps nothing: nobody fails for it,
/// or waits for long (<see cref="RedisStoreOptions.CacheTimeout"/>).
/// </summary>
internal sealed class SharedCache : IDistributedCache
{
    private readonly RedisLink _link;
    private readonly TimeSpan _limit;
    private readonly ILogger _logger;

    // Not disposed: it would close the store's connection.
    private readonly RedisCache _cache;

    public SharedCache(RedisLink link, RedisStoreOptions options, ILogger logger)
    {
        _link = link;
        _limit = options.CacheTimeout;
        _logger = logger;
        _cache = Open(link, options.Prefix);
    }

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => TryAsync(_cache.GetAsync, key, token);

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        TryAsync((name, cancel) => _cache.SetAsync(name, value, options, cancel), key, token);

    public Task RefreshAsync(string key, CancellationToken token = default) => TryAsync(_cache.RefreshAsync, key, token);

    public Task RemoveAsync(string key, CancellationToken token = default) => TryAsync(_cache.RemoveAsync, key, token);

    public byte[]? Get(string key) => GetAsync(key).GetAwaiter().GetResult();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => SetAsync(key, value, options).GetAwaiter().GetResult();

    public void Refresh(string key) => RefreshAsync(key).GetAwaiter().GetResult();

    public void Remove(string key) => RemoveAsync(key).GetAwaiter().GetResult();

    private static RedisCache Open(RedisLink link, string prefix) => new(new RedisCacheOptions
    {
        ConnectionMultiplexerFactory = () => Task.FromResult<IConnectionMultiplexer>(link.Multiplexer),
        InstanceName = $"{prefix}:cache:",
    });

    private Task<byte[]?> TryAsync(Func<string, CancellationToken, Task> use, string key, CancellationToken cancellationToken) => TryAsync(
        async Task<byte[]?> (name, cancel) =>
        {
            await use(name, cancel).ConfigureAwait(false);
            return null;
        },
        key, cancellationToken);

    private async Task<byte[]?> TryAsync(
        Func<string, CancellationToken, Task<byte[]?>> use, string key, CancellationToken cancellationToken)
    {
        if (!_link.Writable.IsOpen)
            return null;

        try
        {
            return await use(key, cancellationToken).WaitAsync(_limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException || RedisFailure.Is(e))
        {
            StoreLog.CacheAway(_logger, e);
            return null;
        }
    }
}

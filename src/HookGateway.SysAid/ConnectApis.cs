using System.Collections.Concurrent;
using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;

namespace HookGateway.SysAid;

/// <summary>Opens the Connect APIs of sources: one HTTP client for all, and one budget of requests for all who share an account.</summary>
internal sealed class ConnectApis : IDisposable
{
    private readonly ConcurrentDictionary<(string, string), RateBudget> _budgets = new();
    private readonly HttpMessageInvoker _client;
    private readonly HybridCache _cache;
    private readonly bool _sharesTokens;
    private readonly TimeProvider _time;

    /// <param name="egress">Decides what may be dialled.</param>
    /// <param name="cache">Keeps access tokens.</param>
    /// <param name="time">The clock.</param>
    /// <param name="shared">What the cache shares with other gateways; <see langword="null"/> where there is nothing.</param>
    public ConnectApis(EgressGuard egress, HybridCache cache, TimeProvider time, IDistributedCache? shared = null)
    {
        (_cache, _time, _sharesTokens) = (cache, time, shared is not null);

        // No proxy may stand between, and no redirect may carry the token elsewhere.
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = egress.ConnectAsync,
            ConnectTimeout = ApiSender.Limit / 2,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ActivityHeadersPropagator = null,
        });
    }

    /// <summary>The API that a source names.</summary>
    /// <inheritdoc cref="ConnectApi(ApiConfiguration, HttpMessageInvoker, RateBudget, HybridCache, bool, TimeProvider, Action{string})" path="/param"/>
    public ConnectApi Open(ApiConfiguration api, Action<string> tell)
    {
        var budget = _budgets.GetOrAdd((api.Url.Authority, api.Account), _ => new RateBudget(_time));
        return new ConnectApi(api, _client, budget, _cache, _sharesTokens, _time, tell);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}

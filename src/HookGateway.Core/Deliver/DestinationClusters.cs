using System.Collections.Concurrent;
using System.Globalization;
using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace HookGateway.Deliver;

/// <summary>
/// Every destination is a YARP cluster: its HTTP client, its addresses' health, and which one takes the next attempt, are YARP's.
/// </summary>
internal sealed class DestinationClusters
{
    private readonly IProxyStateLookup _state;
    private readonly IEnumerable<ILoadBalancingPolicy> _policies;
    private readonly IDestinationHealthUpdater _health;
    private readonly ForwardedHeaders _forwarded;
    private readonly EgressGuard _egress;
    private readonly HybridCache _cache;
    private readonly bool _sharesTokens;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, DestinationLink> _links = new();

    public DestinationClusters(
        IServiceProvider services, IProxyStateLookup state, IEnumerable<ILoadBalancingPolicy> policies,
        IDestinationHealthUpdater health, ForwardedHeaders forwarded, EgressGuard egress, HybridCache cache,
        TimeProvider time, IDistributedCache? shared = null)
    {
        _state = state;
        _policies = policies;
        _health = health;
        _forwarded = forwarded;
        _egress = egress;
        _cache = cache;
        _sharesTokens = shared is not null;
        _time = time;

        // YARP loads its configuration when its endpoints are mapped, and not before. Nothing is routed through them:
        // deliveries come from the store, not from a request.
        new UnroutedEndpoints(services).MapReverseProxy();
    }

    /// <summary>The clusters that YARP is configured with.</summary>
    /// <param name="configuration">Whose destinations they are.</param>
    /// <param name="tlsRevisions">Of the destinations whose certificates have changed: a new one makes a new client.</param>
    public static IReadOnlyList<ClusterConfig> Describe(
        GatewayConfiguration configuration, IReadOnlyDictionary<string, string>? tlsRevisions = null) =>
        [.. configuration.Destinations.Select(destination => new ClusterConfig
        {
            ClusterId = destination.Name,
            LoadBalancingPolicy = destination.LoadBalancing,
            HealthCheck = Describe(destination.Health),
            HttpClient = new HttpClientConfig
            {
                MaxConnectionsPerServer = ConnectionsOf(destination, configuration.Routes),
                WebProxy = destination.Proxy is null ? null : new WebProxyConfig { Address = destination.Proxy },
            },
            Destinations = destination.Urls.Index().ToDictionary(
                entry => entry.Index.ToString("D4", CultureInfo.InvariantCulture),
                entry => new DestinationConfig
                {
                    Address = entry.Item.AbsoluteUri,
                    Health = entry.Item.GetLeftPart(UriPartial.Authority),
                }),
            Metadata = tlsRevisions?.GetValueOrDefault(destination.Name) is { } revision
                ? new Dictionary<string, string> { [TlsFiles.Revision] = revision }
                : null,
        })];

    /// <summary>What sends to a configured destination.</summary>
    /// <exception cref="InvalidOperationException">It has no cluster: the configuration and YARP disagree.</exception>
    public DestinationSender SenderOf(DestinationConfiguration destination) => new(LinkTo(destination), _time);

    /// <summary>What all requests to a configured destination share; always the same one.</summary>
    /// <inheritdoc cref="SenderOf" path="/exception"/>
    public DestinationLink LinkTo(DestinationConfiguration destination) => _links.GetOrAdd(destination.Name, _ => CreateLink(destination));

    private DestinationLink CreateLink(DestinationConfiguration destination)
    {
        if (!_state.TryGetCluster(destination.Name, out var cluster))
            throw new InvalidOperationException($"YARP has no cluster for destination '{destination.Name}'.");

        var policy = _policies.Single(policy => policy.Name == destination.LoadBalancing);
        var addresses = new AddressChoice(cluster, policy, _health, destination.Health.Passive);
        return new DestinationLink(destination, cluster, addresses, _forwarded, _egress, TokensOf(destination, cluster));
    }

    private AccessTokens? TokensOf(DestinationConfiguration destination, ClusterState cluster)
    {
        if (destination.Auth is not AuthConfiguration.OAuth2 oauth2)
            return null;

        var endpoint = new TokenEndpoint(destination, oauth2, () => cluster.Model.HttpClient, _egress, _time);
        return new AccessTokens($"oauth2:{destination.Name}", endpoint.IssuedFor, endpoint.RequestAsync, _cache, _time, _sharesTokens);
    }

    // One more for asking after its health, which shall not wait behind attempts; nor shall attempts wait behind bulk replays, or
    // behind callers who take their time with what is passed on to them.
    private static int ConnectionsOf(DestinationConfiguration destination, IReadOnlyList<RouteConfiguration> routes)
    {
        var isProxied = routes.Any(route => route.IsProxy && route.To.Contains(destination.Name));
        return (destination.Concurrency * (isProxied ? 2 : 1))
            + DestinationLanes.ForBulk(destination).Concurrency
            + (destination.Health.Active is null ? 0 : 1);
    }

    private static HealthCheckConfig Describe(HealthConfiguration health) => new()
    {
        Active = health.Active is not { } active ? null : new ActiveHealthCheckConfig
        {
            Enabled = true,
            Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            Path = active.Path,
            Interval = active.Interval,
            Timeout = active.Timeout,
        },

        // Only so that YARP heeds what AddressChoice reports: its own middleware is not in the way of an attempt.
        Passive = health.Passive ? new PassiveHealthCheckConfig { Enabled = true } : null,
    };

    /// <summary>Takes YARP's endpoints and leads no request to them.</summary>
    private sealed class UnroutedEndpoints(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}

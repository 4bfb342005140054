using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace HookGateway.Deliver;

/// <summary>Every destination is a YARP cluster: its HTTP client, and which address takes the next request, are YARP's.</summary>
internal sealed class DestinationClusters
{
    private readonly IProxyStateLookup _state;
    private readonly ForwardedHeaders _forwarded;
    private readonly TimeProvider _time;

    public DestinationClusters(IServiceProvider services, IProxyStateLookup state, ForwardedHeaders forwarded, TimeProvider time)
    {
        _state = state;
        _forwarded = forwarded;
        _time = time;

        // YARP loads its configuration when its endpoints are mapped, and not before. Nothing is routed through them:
        // deliveries come from the store, not from a request.
        new UnroutedEndpoints(services).MapReverseProxy();
    }

    /// <summary>The clusters that YARP is configured with.</summary>
    public static IReadOnlyList<ClusterConfig> Describe(GatewayConfiguration configuration) =>
        [.. configuration.Destinations.Select(destination => new ClusterConfig
        {
            ClusterId = destination.Name,
            HttpClient = new HttpClientConfig { MaxConnectionsPerServer = destination.Concurrency },
            Destinations = new Dictionary<string, DestinationConfig>
            {
                ["url"] = new() { Address = destination.Url.AbsoluteUri },
            },
        })];

    /// <summary>What sends to a configured destination.</summary>
    /// <exception cref="InvalidOperationException">It has no cluster: the configuration and YARP disagree.</exception>
    public DestinationSender SenderOf(DestinationConfiguration destination) => _state.TryGetCluster(destination.Name, out var cluster)
        ? new DestinationSender(destination, cluster, _forwarded, _time)
        : throw new InvalidOperationException($"YARP has no cluster for destination '{destination.Name}'.");

    /// <summary>Takes YARP's endpoints and leads no request to them.</summary>
    private sealed class UnroutedEndpoints(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}

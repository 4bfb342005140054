using System.Collections.Frozen;
using HookGateway.Configuration;
using HookGateway.Store;

namespace HookGateway.Deliver;

/// <summary>The pipeline of each destination: one, whether deliveries go through it or requests that are passed on.</summary>
internal sealed class DestinationPipelines(GatewayConfiguration configuration, DestinationClusters clusters, SteadyTimeProvider time)
{
    private readonly FrozenDictionary<string, DestinationPipeline> _pipelines = configuration.Destinations.ToFrozenDictionary(
        destination => destination.Name, destination => new DestinationPipeline(destination, clusters.SenderOf(destination), time));

    /// <summary>Called when any breaker opens, or closes again.</summary>
    public Action? BreakerChanged
    {
        set
        {
            foreach (var pipeline in _pipelines.Values)
                pipeline.Shared.Changed = value;
        }
    }

    /// <summary>That of a configured destination.</summary>
    public DestinationPipeline Of(string destination) => _pipelines[destination];
}

using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// Which of a destination's addresses takes the next attempt: YARP's policy among those that YARP holds for healthy. It keeps
/// the counts that the policies look at, and reports to YARP what its middleware would have.
/// </summary>
internal sealed class AddressChoice(
    ClusterState cluster, ILoadBalancingPolicy policy, IDestinationHealthUpdater health, bool isPassive)
{
    private static readonly TimeSpan PassedOverFor = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();

    /// <summary>Chooses; to be given back with <see cref="Return"/>.</summary>
    public DestinationState Take()
    {
        var state = cluster.DestinationsState;
        var among = state.AvailableDestinations.Count > 0 ? state.AvailableDestinations : state.AllDestinations;
        lock (_lock)
        {
            // No HttpContext: an attempt belongs to no request. None of YARP's own policies looks at it.
            var chosen = among.Count == 1 ? among[0] : policy.PickDestination(null!, cluster, among) ?? among[0];
            chosen.ConcurrentRequestCount++;
            return chosen;
        }
    }

    /// <summary>The attempt has ended.</summary>
    /// <param name="address">The chosen one.</param>
    /// <param name="hasAnswered">Whether there was an answer, of any status.</param>
    public void Return(DestinationState address, bool hasAnswered)
    {
        lock (_lock)
            address.ConcurrentRequestCount--;

        if (isPassive && !hasAnswered)
            health.SetPassive(cluster, address, DestinationHealth.Unhealthy, PassedOverFor);
    }
}

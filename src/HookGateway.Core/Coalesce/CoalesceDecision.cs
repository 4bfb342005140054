using HookGateway.Events;
using HookGateway.Route;
using HookGateway.Store;

namespace HookGateway.Coalesce;

/// <summary>What is to be written, decided against one version of a key.</summary>
/// <param name="Step">For the store.</param>
/// <param name="Event">Where the event that came goes; <see langword="null"/> where none did.</param>
/// <param name="Release">Where the event goes that is released.</param>
internal sealed record CoalesceDecision(CoalesceStep Step, RouteDecision? Event, RouteDecision? Release)
{
    /// <summary>What the event that came owes: due at once in the order of its key, and leased to nobody.</summary>
    public IReadOnlyList<OwedDelivery> Owed =>
        [.. (Event?.Destinations ?? []).Select(destination => new OwedDelivery(destination, Lease: false, Ordered: true))];

    /// <summary>How many events are superseded by it.</summary>
    public int Superseded => (Step.Release?.TakesIn.Count ?? 0) + (Step.SupersededBy is null ? 0 : 1);
}

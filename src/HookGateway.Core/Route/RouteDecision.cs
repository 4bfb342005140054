using HookGateway.Configuration;
using HookGateway.Store;

namespace HookGateway.Route;

/// <summary>Where one event goes.</summary>
/// <param name="Disposition">
/// Filtered only where every <c>where</c> was evaluated and none held: an event that one failed on may belong somewhere.
/// </param>
/// <param name="Destinations">Each once, in the routes' order.</param>
/// <param name="Faults">Routes whose <c>where</c> failed on it, and so do not take it.</param>
internal readonly record struct RouteDecision(
    Disposition Disposition, IReadOnlyList<string> Destinations, IReadOnlyList<RouteFault> Faults)
{
    /// <summary>The route by which the request is passed on; <see langword="null"/>: none.</summary>
    public RouteConfiguration? ProxiedBy { get; init; }

    /// <summary>The destination that the request is passed on to; <see langword="null"/>: none.</summary>
    public string? ProxiedTo => ProxiedBy?.To[0];

    /// <summary>
    /// Whether the event is stored: not where it is passed on and nothing else is owed. One that a <c>where</c> failed on may
    /// belong somewhere, and stays to be replayed.
    /// </summary>
    public bool IsStored => ProxiedBy is null || Destinations.Count > 0 || Faults.Count > 0;
}

/// <summary>A <c>where</c> that failed on an event.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Problem">The kind of the failure, without a piece of the body.</param>
internal readonly record struct RouteFault(string Route, string Problem);

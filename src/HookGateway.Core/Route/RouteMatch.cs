using HookGateway.Configuration;

namespace HookGateway.Route;

/// <summary>Where one event goes.</summary>
/// <param name="Routes">The routes that name it, in the file's order; empty: it is unrouted.</param>
/// <param name="Destinations">Their destinations in the routes' order, each once.</param>
internal sealed record RouteMatch(IReadOnlyList<RouteConfiguration> Routes, IReadOnlyList<string> Destinations)
{
    /// <summary>No route names it.</summary>
    public static RouteMatch Unrouted { get; } = new([], []);

    public bool IsUnrouted => Routes.Count == 0;
}

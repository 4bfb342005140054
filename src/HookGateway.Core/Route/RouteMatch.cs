using HookGateway.Configuration;
using HookGateway.Store;
using HookGateway.Verify;
using Newtonsoft.Json.Linq;

namespace HookGateway.Route;

/// <summary>The routes that name one event of one source; with a <c>where</c> among them, what its body says decides.</summary>
/// <param name="Routes">The routes that name it, in the file's order; empty: it is unrouted.</param>
/// <param name="Destinations">Where they deliver to, in their order, each once; without those that requests are passed on to.</param>
internal sealed record RouteMatch(IReadOnlyList<RouteConfiguration> Routes, IReadOnlyList<string> Destinations)
{
    /// <summary>No route names it.</summary>
    public static RouteMatch Unrouted { get; } = new([], []);

    private readonly RouteConfiguration? _proxiedBy = Routes.FirstOrDefault(route => route.IsProxy);

    public bool IsUnrouted => Routes.Count == 0;

    /// <summary>The <c>where</c> of each route, compiled; <see langword="null"/>: none of them has one.</summary>
    public IReadOnlyList<JmesQuery?>? Conditions { get; init; }

    /// <summary>Where an event goes.</summary>
    /// <param name="body">Looked at only where a route asks.</param>
    /// <param name="document">The body, where it is parsed already.</param>
    public RouteDecision Decide(ReadOnlySpan<byte> body, JToken? document)
    {
        if (Conditions is null)
        {
            return new RouteDecision(Destinations.Count == 0 ? Disposition.Unrouted : Disposition.Routed, Destinations, [])
            {
                ProxiedBy = _proxiedBy,
            };
        }

        string? problem = null;
        document ??= JmesQuery.TryParse(body, out problem);
        var destinations = new List<string>();
        var faults = new List<RouteFault>();
        RouteConfiguration? proxiedBy = null;
        for (var i = 0; i < Routes.Count; i++)
        {
            var holds = Conditions[i] is not { } where ? true : document is null ? null : where.Test(document, out problem);
            if (holds is true && Routes[i].IsProxy) proxiedBy ??= Routes[i];
            else if (holds is true) destinations.AddRange(Routes[i].To);
            else if (holds is null) faults.Add(new RouteFault(Routes[i].Name, problem!));
        }

        var disposition = destinations.Count > 0 ? Disposition.Routed
            : faults.Count > 0 ? Disposition.Unrouted
            : Disposition.Filtered;
        return new RouteDecision(disposition, [.. destinations.Distinct(StringComparer.Ordinal)], faults) { ProxiedBy = proxiedBy };
    }
}

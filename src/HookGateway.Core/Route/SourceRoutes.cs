using System.Collections.Frozen;
using HookGateway.Configuration;

namespace HookGateway.Route;

/// <summary>The routes of one source: a look-up for those that give names, a scan of those that give patterns.</summary>
internal sealed class SourceRoutes
{
    private readonly RouteConfiguration[] _routes;
    private readonly FrozenDictionary<string, int[]> _byName;
    private readonly (int Position, Glob Glob)[] _patterns;

    /// <param name="routes">In the file's order.</param>
    public SourceRoutes(IEnumerable<RouteConfiguration> routes)
    {
        _routes = [.. routes];
        var byKind = _routes
            .SelectMany((route, position) => route.Events.Select(pattern => (position, pattern, glob: new Glob(pattern))))
            .ToLookup(entry => entry.glob.IsExact);
        _byName = byKind[true].GroupBy(entry => entry.pattern, entry => entry.position)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        _patterns = [.. byKind[false].Select(entry => (entry.position, entry.glob))];
    }

    public RouteMatch Match(string eventName)
    {
        var positions = new SortedSet<int>();
        if (_byName.TryGetValue(eventName, out var named)) positions.UnionWith(named);
        foreach (var (position, glob) in _patterns)
        {
            if (glob.Matches(eventName)) positions.Add(position);
        }

        if (positions.Count == 0) return RouteMatch.Unrouted;
        RouteConfiguration[] matched = [.. positions.Select(position => _routes[position])];
        return new RouteMatch(matched, [.. matched.SelectMany(route => route.To).Distinct(StringComparer.Ordinal)]);
    }
}

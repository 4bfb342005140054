using System.Collections.Frozen;
using HookGateway.Configuration;
using HookGateway.Verify;

namespace HookGateway.Route;

/// <summary>The routes of one source: a look-up for those that give names, a scan of those that give patterns.</summary>
internal sealed class SourceRoutes
{
    private readonly RouteConfiguration[] _routes;
    private readonly FrozenDictionary<string, int[]> _byName;
    private readonly (int Position, Glob Glob)[] _patterns;
    private readonly JmesQuery?[] _conditions;

    /// <param name="routes">In the file's order.</param>
    public SourceRoutes(IEnumerable<RouteConfiguration> routes)
    {
        _routes = [.. routes];
        _conditions = [.. _routes.Select(route => route.Where is null ? null : JmesQuery.Compile(route.Where))];
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
        JmesQuery?[] conditions = [.. positions.Select(position => _conditions[position])];
        return new RouteMatch(matched, [.. matched.Where(route => !route.IsProxy).SelectMany(route => route.To).Distinct(StringComparer.Ordinal)])
        {
            Conditions = Array.TrueForAll(conditions, condition => condition is null) ? null : conditions,
        };
    }
}

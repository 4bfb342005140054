using System.Collections.Concurrent;
using System.Collections.Frozen;
using HookGateway.Configuration;

namespace HookGateway.Route;

/// <summary>
/// Where events go: frozen when the configuration is loaded, replaced whole with it, safe for any number of threads.
/// Answers are remembered, so that an event costs the same under ten routes and under a thousand; what a <c>where</c> says of
/// an event's body is not.
/// </summary>
internal sealed class RouteTable
{
    /// <summary>
    /// How many answers are remembered. Senders choose the names, so when this many have come the memory is emptied: names
    /// that recur come back at once, and a sender of endless new names cannot make it grow.
    /// </summary>
    internal const int MaxRemembered = 4096;

    private readonly FrozenDictionary<string, SourceRoutes> _bySource;
    private volatile ConcurrentDictionary<(string Source, string EventName), RouteMatch> _remembered = new();
    private int _count;

    /// <param name="routes">In the file's order.</param>
    /// <exception cref="FormatException">A <c>where</c> is not JMESPath.</exception>
    public RouteTable(IEnumerable<RouteConfiguration> routes) =>
        _bySource = routes.GroupBy(route => route.Source, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => new SourceRoutes(group), StringComparer.Ordinal);

    /// <summary>How many answers are remembered now, give or take those being added.</summary>
    internal int Remembered => _remembered.Count;

    public RouteMatch Match(string source, string eventName)
    {
        if (!_bySource.TryGetValue(source, out var routes)) return RouteMatch.Unrouted;
        var remembered = _remembered;
        if (remembered.TryGetValue((source, eventName), out var known)) return known;
        var match = routes.Match(eventName);
        if (remembered.TryAdd((source, eventName), match) && Interlocked.Increment(ref _count) >= MaxRemembered) Forget();
        return match;
    }

    // Threads that still hold the old dictionary add to what nobody reads any more; the count they raise only brings the next
    // emptying forward.
    private void Forget()
    {
        Interlocked.Exchange(ref _count, 0);
        _remembered = new();
    }
}

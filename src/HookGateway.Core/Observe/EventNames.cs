using System.Collections.Concurrent;

namespace HookGateway.Observe;

/// <summary>
/// Bounds the event names that become values of a metric's attribute: names come from outside, and every new one would cost
/// memory here and in whatever stores the metrics.
/// </summary>
internal sealed class EventNames
{
    private const int Limit = 1000;
    private const string Beyond = "other";

    private readonly ConcurrentDictionary<(string Source, string Name), string> _known = new();
    private int _count;

    /// <summary>The name itself for the first thousand of them, then <c>other</c>; empty where there is none.</summary>
    public string Bounded(string source, string? name)
    {
        if (name is null)
            return "";

        if (_known.TryGetValue((source, name), out var known))
            return known;

        if (Volatile.Read(ref _count) >= Limit || Interlocked.Increment(ref _count) > Limit)
            return Beyond;

        return _known.GetOrAdd((source, name), name);
    }
}

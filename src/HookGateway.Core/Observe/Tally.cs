using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace HookGateway.Observe;

/// <summary>
/// A counter that every event moves: it is counted here, and read when metrics are collected. Adding to an instrument hashes the tags'
/// names as well, and finds their place anew each time. Any thread.
/// </summary>
/// <param name="tags">What the instrument shows of a key.</param>
internal sealed class Tally<TKey>(Func<TKey, KeyValuePair<string, object?>[]> tags) where TKey : struct, IEquatable<TKey>
{
    private readonly ConcurrentDictionary<TKey, StrongBox<long>> _counts = new();

    /// <summary>Adds one. As many keys are kept as there ever were: they must be few.</summary>
    public void Add(TKey key)
    {
        if (!_counts.TryGetValue(key, out var count))
            count = _counts.GetOrAdd(key, static _ => new StrongBox<long>());

        Interlocked.Increment(ref count.Value);
    }

    /// <summary>All that was counted.</summary>
    public IEnumerable<Measurement<long>> Read() =>
        _counts.Select(entry => new Measurement<long>(Volatile.Read(ref entry.Value.Value), tags(entry.Key)));
}

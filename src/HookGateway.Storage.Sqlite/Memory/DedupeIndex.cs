using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// Every mark that has not expired, in memory, about 80 bytes each. Cut into many small tables by the key, which is a hash:
/// a look-up touches one, none is ever large enough for its growth to be felt, and sweeping the expired ones goes table by
/// table. Writer thread only.
/// </summary>
internal sealed class DedupeIndex
{
    private const int Shards = 256;
    private const long SweepEveryMilliseconds = 1000;

    private readonly Dictionary<UInt128, Mark>[] _shards = [.. Enumerable.Range(0, Shards).Select(_ => new Dictionary<UInt128, Mark>())];
    private long _lastSweep;
    private int _nextShard;

    private readonly record struct Mark(EventId Id, long ExpiresMilliseconds);

    public int Count => _shards.Sum(s => s.Count);

    public bool TryFind(DedupeKey key, long now, out EventId first)
    {
        var found = ShardOf(key).TryGetValue(key.Value, out var mark) && mark.ExpiresMilliseconds > now;
        first = mark.Id;
        return found;
    }

    public void Add(DedupeKey key, EventId id, long expiresMilliseconds) =>
        ShardOf(key)[key.Value] = new Mark(id, expiresMilliseconds);

    public void Remove(DedupeKey key) => ShardOf(key).Remove(key.Value);

    /// <summary>Makes room for so many marks at once.</summary>
    public void Reserve(long count)
    {
        foreach (var shard in _shards)
            shard.EnsureCapacity((int)(shard.Count + count / Shards));
    }

    /// <summary>Drops what expired from one of the tables, if a second has passed since the last time.</summary>
    public void Sweep(long now)
    {
        if (now - _lastSweep < SweepEveryMilliseconds && now >= _lastSweep)
            return;

        _lastSweep = now;
        var shard = _shards[_nextShard];
        _nextShard = (_nextShard + 1) % Shards;
        foreach (var (key, mark) in shard)
        {
            if (mark.ExpiresMilliseconds <= now)
                shard.Remove(key);
        }

        if (shard.Capacity > 4 * shard.Count + 64)
            shard.TrimExcess();
    }

    private Dictionary<UInt128, Mark> ShardOf(DedupeKey key) => _shards[(int)(key.Value >> 120)];
}

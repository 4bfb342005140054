using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// Every mark that has not expired, in memory, some 50 bytes each. Cut into many small tables by the key, which is a hash:
/// a look-up touches one, none is ever large enough for its growth to be felt, and sweeping the expired ones goes table by
/// table. Writer thread only.
/// </summary>
internal sealed class DedupeIndex : IDisposable
{
    private const int ShardBits = 10;
    private const int Shards = 1 << ShardBits;
    private const int ShardsASweep = 4;
    private const long SweepEveryMilliseconds = 250;

    private readonly MarkTable[] _shards = [.. Enumerable.Range(0, Shards).Select(_ => new MarkTable())];
    private long _lastSweep;
    private int _nextShard;

    public int Count => _shards.Sum(s => s.Count);

    /// <summary>How much memory they take, free places included.</summary>
    public long Bytes => _shards.Sum(s => s.Bytes);

    public bool TryFind(DedupeKey key, long now, out EventId first) =>
        ShardOf(key).TryFind(key.Value, out first, out var expires) && expires > now;

    public void Add(DedupeKey key, EventId id, long expiresMilliseconds) => ShardOf(key).Set(key.Value, id, expiresMilliseconds);

    public void Remove(DedupeKey key) => ShardOf(key).Remove(key.Value);

    /// <summary>Makes room for so many marks more at once.</summary>
    public void Reserve(long count)
    {
        foreach (var shard in _shards)
            shard.Reserve((int)(shard.Count + (count / Shards)));
    }

    /// <summary>
    /// Drops what expired from some of the tables, if a quarter of a second has passed since the last time: each table has its turn
    /// about once a minute, so that a short window needs little memory.
    /// </summary>
    public void Sweep(long now)
    {
        if (now - _lastSweep < SweepEveryMilliseconds && now >= _lastSweep)
            return;

        _lastSweep = now;
        for (var i = 0; i < ShardsASweep; i++)
        {
            _shards[_nextShard].Sweep(now);
            _nextShard = (_nextShard + 1) % Shards;
        }
    }

    /// <summary>Gives all its memory back; it cannot be used any more.</summary>
    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }

    private MarkTable ShardOf(DedupeKey key) => _shards[(int)(key.Value >> (128 - ShardBits))];
}

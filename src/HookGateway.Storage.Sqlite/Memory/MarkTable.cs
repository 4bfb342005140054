using HookGateway.Events;

namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// Dedupe keys with the id of the event that brought each, and until when it counts: three arrays side by side, looked through
/// from a key's own place on (open addressing, linear probing), 40 bytes a place and at most four fifths of them taken. It grows
/// by a quarter, so that a large one is never half empty. Keys are hashes already. Not thread-safe.
/// </summary>
internal sealed class MarkTable
{
    private const int Least = 16;

    private UInt128[] _keys = new UInt128[Least];
    private EventId[] _ids = new EventId[Least];

    // In Unix milliseconds; 0 where the place is free.
    private long[] _expires = new long[Least];

    /// <summary>How many marks it holds, expired ones included until they are removed.</summary>
    public int Count { get; private set; }

    /// <summary>How many places there are, free ones included.</summary>
    public int Places => _keys.Length;

    public bool TryFind(UInt128 key, out EventId id, out long expires)
    {
        var at = Find(key);
        id = _ids[at];
        expires = _expires[at];
        return expires != 0;
    }

    /// <summary>Adds a mark, in place of one with the same key.</summary>
    public void Set(UInt128 key, EventId id, long expires)
    {
        var at = Find(key);
        if (_expires[at] == 0)
        {
            Reserve(Count + 1);
            at = Find(key);
            Count++;
        }

        (_keys[at], _ids[at], _expires[at]) = (key, id, expires);
    }

    public void Remove(UInt128 key)
    {
        var at = Find(key);
        if (_expires[at] != 0)
            RemoveAt(at);
    }

    /// <summary>Removes what has expired, and gives back memory where little is left.</summary>
    public void Sweep(long now)
    {
        for (var at = 0; at < _expires.Length; at++)
        {
            // What followed has moved up into the place, and may have expired as well.
            while (_expires[at] != 0 && _expires[at] <= now)
                RemoveAt(at);
        }

        if (_keys.Length > Least && Count < _keys.Length / 4)
            Resize(PlacesFor(Count));
    }

    /// <summary>Makes room for so many marks in all.</summary>
    public void Reserve(int count)
    {
        if (PlacesFor(count) > _keys.Length)
            Resize(Math.Max(PlacesFor(count), _keys.Length + (_keys.Length / 4)));
    }

    private static int PlacesFor(int count) => Math.Max(Least, count + (count / 4) + 1);

    /// <summary>Where a key is, or the free place where it would be.</summary>
    private int Find(UInt128 key)
    {
        var at = HomeOf(key);
        while (_expires[at] != 0 && _keys[at] != key)
            at = After(at);

        return at;
    }

    // The lower half of the key, as a share of the places.
    private int HomeOf(UInt128 key) => (int)Math.BigMul((ulong)key, (ulong)_keys.Length, out _);

    private int After(int at) => at + 1 == _keys.Length ? 0 : at + 1;

    private int Distance(int from, int to) => to >= from ? to - from : to - from + _keys.Length;

    /// <summary>Frees a place, and closes the gap: whatever comes later and would be looked for from here on moves up.</summary>
    private void RemoveAt(int gap)
    {
        for (var at = After(gap); _expires[at] != 0; at = After(at))
        {
            if (Distance(HomeOf(_keys[at]), at) < Distance(gap, at))
                continue;

            (_keys[gap], _ids[gap], _expires[gap]) = (_keys[at], _ids[at], _expires[at]);
            gap = at;
        }

        _expires[gap] = 0;
        Count--;
    }

    private void Resize(int places)
    {
        var (keys, ids, expires) = (_keys, _ids, _expires);
        (_keys, _ids, _expires) = (new UInt128[places], new EventId[places], new long[places]);
        for (var from = 0; from < keys.Length; from++)
        {
            if (expires[from] == 0)
                continue;

            var at = Find(keys[from]);
            (_keys[at], _ids[at], _expires[at]) = (keys[from], ids[from], expires[from]);
        }
    }
}

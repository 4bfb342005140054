using System.Runtime.InteropServices;
using HookGateway.Events;

namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// Dedupe keys with the id of the event that brought each, and until when it counts: looked through from a key's own place on (open
/// addressing, linear probing), 40 bytes a place and at most four fifths of them taken. It grows by a quarter, so that a large one is
/// never half empty. Keys are hashes already. The places lie outside of the collector's memory, where what was outgrown would stay
/// until all of it is collected, which is seldom. Not thread-safe.
/// </summary>
internal sealed unsafe class MarkTable
{
    private const int Least = 16;

    private Mark* _marks = Allocate(Least);

    ~MarkTable() => NativeMemory.Free(_marks);

    /// <summary>How many marks it holds, expired ones included until they are removed.</summary>
    public int Count { get; private set; }

    /// <summary>How many places there are, free ones included.</summary>
    public int Places { get; private set; } = Least;

    public bool TryFind(UInt128 key, out EventId id, out long expires)
    {
        ref var mark = ref _marks[Find(key)];
        (id, expires) = (mark.Id, mark.Expires);
        return expires != 0;
    }

    /// <summary>Adds a mark, in place of one with the same key.</summary>
    public void Set(UInt128 key, EventId id, long expires)
    {
        var at = Find(key);
        if (_marks[at].Expires == 0)
        {
            if (PlacesFor(Count + 1) > Places)
            {
                Reserve(Count + 1);
                at = Find(key);
            }

            Count++;
        }

        _marks[at] = new Mark((ulong)(key >> 64), (ulong)key, id, expires);
    }

    public void Remove(UInt128 key)
    {
        var at = Find(key);
        if (_marks[at].Expires != 0)
            RemoveAt(at);
    }

    /// <summary>Removes what has expired, and gives back memory where little is left.</summary>
    public void Sweep(long now)
    {
        for (var at = 0; at < Places; at++)
        {
            // What followed has moved up into the place, and may have expired as well.
            while (_marks[at].Expires != 0 && _marks[at].Expires <= now)
                RemoveAt(at);
        }

        if (Places > Least && Count < Places / 4)
            Resize(PlacesFor(Count));
    }

    /// <summary>Makes room for so many marks in all.</summary>
    public void Reserve(int count)
    {
        if (PlacesFor(count) > Places)
            Resize(Math.Max(PlacesFor(count), Places + (Places / 4)));
    }

    private static int PlacesFor(int count) => Math.Max(Least, count + (count / 4) + 1);

    private static Mark* Allocate(int places) => (Mark*)NativeMemory.AllocZeroed((nuint)places, (nuint)sizeof(Mark));

    /// <summary>Where a key is, or the free place where it would be.</summary>
    private int Find(UInt128 key)
    {
        var (high, low) = ((ulong)(key >> 64), (ulong)key);
        var at = HomeOf(low);
        while (_marks[at].Expires != 0 && !(_marks[at].Low == low && _marks[at].High == high))
            at = After(at);

        return at;
    }

    // The lower half of the key, as a share of the places.
    private int HomeOf(ulong low) => (int)Math.BigMul(low, (ulong)Places, out _);

    private int After(int at) => at + 1 == Places ? 0 : at + 1;

    private int Distance(int from, int to) => to >= from ? to - from : to - from + Places;

    /// <summary>Frees a place, and closes the gap: whatever comes later and would be looked for from here on moves up.</summary>
    private void RemoveAt(int gap)
    {
        for (var at = After(gap); _marks[at].Expires != 0; at = After(at))
        {
            if (Distance(HomeOf(_marks[at].Low), at) < Distance(gap, at))
                continue;

            _marks[gap] = _marks[at];
            gap = at;
        }

        _marks[gap] = default;
        Count--;
    }

    private void Resize(int places)
    {
        var marks = _marks;
        var before = Places;
        _marks = Allocate(places);
        Places = places;
        for (var from = 0; from < before; from++)
        {
            if (marks[from].Expires == 0)
                continue;

            var at = HomeOf(marks[from].Low);
            while (_marks[at].Expires != 0)
                at = After(at);

            _marks[at] = marks[from];
        }

        NativeMemory.Free(marks);
    }

    /// <summary>A place.</summary>
    /// <param name="High">Of the key.</param>
    /// <param name="Low">Of the key.</param>
    /// <param name="Id">Of the event that brought it.</param>
    /// <param name="Expires">In Unix milliseconds; 0 where the place is free.</param>
    private readonly record struct Mark(ulong High, ulong Low, EventId Id, long Expires);
}

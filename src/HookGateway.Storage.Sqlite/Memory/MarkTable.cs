using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HookGateway.Events;

namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// Dedupe keys with the id of the event that brought each, and until when it counts: a chain of marks for each home, to which a key's
/// lower half points. Marks lie in small blocks that are never outgrown, 44 bytes each, and 4 to 8 for its home: a table that were
/// copied as it grows would leave as much behind. All of it is outside the garbage collector's memory: marks live long, and as its
/// objects they were most of what a collection had to copy (docs/decisions/0011-a-cheaper-attempt.md). Keys are hashes already. Not
/// thread-safe.
/// </summary>
internal sealed unsafe class MarkTable : IDisposable
{
    private const int LeastHomes = 16;
    private const int BlockBits = 4;
    private const int BlockMarks = 1 << BlockBits;

    // Here and in a mark a place is counted from 1; 0 ends the chain.
    private nint _homes;
    private int _homeCount;
    private List<nint> _blocks = [];
    private int _free;

    public MarkTable() => MakeHomes(LeastHomes);

    /// <summary>How many marks it holds, expired ones included until they are removed.</summary>
    public int Count { get; private set; }

    /// <summary>How much memory it takes, free places included.</summary>
    public long Bytes => ((long)_blocks.Count * BlockMarks * sizeof(Mark)) + ((long)_homeCount * sizeof(int));

    private Span<int> Homes => new((void*)_homes, _homeCount);

    public bool TryFind(UInt128 key, out EventId id, out long expires)
    {
        ref var place = ref Find(key);
        (id, expires) = place == 0 ? (default, 0) : (MarkAt(place).Id, MarkAt(place).Expires);
        return place != 0;
    }

    /// <summary>Adds a mark, in place of one with the same key.</summary>
    // At once: a start calls it a million times before anything is optimised.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Set(UInt128 key, EventId id, long expires)
    {
        ref var place = ref Find(key);
        if (place == 0)
        {
            place = Take();
            ref var added = ref MarkAt(place);
            (added.High, added.Low, added.Next) = ((ulong)(key >> 64), (ulong)key, 0);
            Count++;
        }

        ref var mark = ref MarkAt(place);
        (mark.Id, mark.Expires) = (id, expires);
        if (Count > _homeCount)
            Spread(2 * _homeCount);
    }

    public void Remove(UInt128 key)
    {
        ref var place = ref Find(key);
        if (place != 0)
            Free(ref place);
    }

    /// <summary>Removes what has expired, and gives back memory where little is left.</summary>
    public void Sweep(long now)
    {
        foreach (ref var home in Homes)
        {
            ref var place = ref home;
            while (place != 0)
            {
                if (MarkAt(place).Expires <= now)
                    Free(ref place);
                else
                    place = ref MarkAt(place).Next;
            }
        }

        if (_blocks.Count > 1 && Count < _blocks.Count * BlockMarks / 4)
            Shrink();
    }

    /// <summary>Makes ready for so many marks in all.</summary>
    public void Reserve(int count)
    {
        if (count > _homeCount)
            Spread(count);
    }

    /// <summary>Gives all its memory back; it cannot be used any more.</summary>
    public void Dispose()
    {
        foreach (var block in _blocks)
            NativeMemory.Free((void*)block);

        NativeMemory.Free((void*)_homes);
        _blocks.Clear();
        (_homes, _homeCount, _free, Count) = (0, 0, 0, 0);
    }

    private void MakeHomes(int count) => (_homes, _homeCount) = ((nint)NativeMemory.AllocZeroed((nuint)count, sizeof(int)), count);

    /// <summary>What points to a key's mark, or would, at the end of its chain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ref int Find(UInt128 key)
    {
        ObjectDisposedException.ThrowIf(_homes == 0, this);
        var (high, low) = ((ulong)(key >> 64), (ulong)key);
        ref var place = ref Homes[HomeOf(low)];
        while (place != 0)
        {
            ref var mark = ref MarkAt(place);
            if (mark.Low == low && mark.High == high)
                break;

            place = ref mark.Next;
        }

        return ref place;
    }

    // As a share of the homes.
    private int HomeOf(ulong low) => (int)Math.BigMul(low, (ulong)_homeCount, out _);

    private ref Mark MarkAt(int place) => ref ((Mark*)_blocks[(place - 1) >> BlockBits])[(place - 1) & (BlockMarks - 1)];

    private int Take()
    {
        if (_free == 0)
        {
            var first = (_blocks.Count << BlockBits) + 1;
            _blocks.Add((nint)NativeMemory.Alloc(BlockMarks, (nuint)sizeof(Mark)));
            for (var place = first + BlockMarks - 1; place >= first; place--)
                PutBack(place);
        }

        var taken = _free;
        _free = MarkAt(taken).Next;
        return taken;
    }

    private void PutBack(int place)
    {
        MarkAt(place).Next = _free;
        _free = place;
    }

    /// <summary>Takes a mark out of its chain.</summary>
    private void Free(ref int place)
    {
        var freed = place;
        place = MarkAt(freed).Next;
        PutBack(freed);
        Count--;
    }

    /// <summary>The same marks over so many homes.</summary>
    private void Spread(int homes)
    {
        var (before, count) = (_homes, _homeCount);
        MakeHomes(homes);
        foreach (var first in new Span<int>((void*)before, count))
        {
            for (var place = first; place != 0;)
            {
                ref var mark = ref MarkAt(place);
                ref var home = ref Homes[HomeOf(mark.Low)];
                (place, mark.Next, home) = (mark.Next, home, place);
            }
        }

        NativeMemory.Free((void*)before);
    }

    private void Shrink()
    {
        using var smaller = new MarkTable();
        smaller.Reserve(Count);
        foreach (var first in Homes)
        {
            for (var place = first; place != 0; place = MarkAt(place).Next)
            {
                ref var mark = ref MarkAt(place);
                smaller.Set(new UInt128(mark.High, mark.Low), mark.Id, mark.Expires);
            }
        }

        // What was here goes with the other one.
        (_homes, smaller._homes) = (smaller._homes, _homes);
        (_homeCount, smaller._homeCount) = (smaller._homeCount, _homeCount);
        (_blocks, smaller._blocks) = (smaller._blocks, _blocks);
        _free = smaller._free;
    }

    // Without the padding that eight bytes' alignment asks for.
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Mark
    {
        public ulong High;
        public ulong Low;
        public EventId Id;
        public long Expires;
        public int Next;
    }
}

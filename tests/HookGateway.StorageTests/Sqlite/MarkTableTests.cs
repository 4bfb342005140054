using System.Globalization;
using HookGateway.Events;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

public sealed class MarkTableTests : IDisposable
{
    private readonly MarkTable _table = new();

    public void Dispose() => _table.Dispose();

    [Fact]
    public void Set_SameKeyAgain_ReplacesTheMark()
    {
        var (first, second) = (NewId(), NewId());
        _table.Set(7, first, 100);
        _table.Set(7, second, 200);

        Assert.True(_table.TryFind(7, out var id, out var expires));
        Assert.Equal((second, 200), (id, expires));
        Assert.Equal(1, _table.Count);
    }

    [Fact]
    public void TryFind_KeysThatShareAPlace_FindsEach()
    {
        // The place comes from the lower half: these all begin at the last one, and go on at the first.
        UInt128[] keys = [.. Enumerable.Range(0, 8).Select(i => new UInt128((ulong)i, ulong.MaxValue))];
        var ids = keys.Select(_ => NewId()).ToArray();
        foreach (var (key, id) in keys.Zip(ids))
            _table.Set(key, id, 100);

        _table.Remove(keys[2]);

        for (var i = 0; i < keys.Length; i++)
        {
            Assert.Equal(i != 2, _table.TryFind(keys[i], out var id, out _));
            Assert.Equal(i == 2 ? default : ids[i], i == 2 ? default : id);
        }
    }

    [Fact]
    public void AnyOperations_LikeADictionary()
    {
        var random = new Random(20261123);
        var model = new Dictionary<UInt128, (EventId Id, long Expires)>();
        for (var step = 0; step < 200_000; step++)
        {
            // Few different lower halves, so that keys crowd together and wrap around the end.
            var key = new UInt128((ulong)random.Next(40), (ulong)random.Next(60) * (ulong.MaxValue / 59));
            switch (random.Next(10))
            {
                case < 5:
                    var mark = (NewId(random), Expires: (long)random.Next(1, 1000));
                    _table.Set(key, mark.Item1, mark.Expires);
                    model[key] = mark;
                    break;

                case < 9:
                    _table.Remove(key);
                    model.Remove(key);
                    break;

                default:
                    var now = random.Next(random.Next(1, 300));
                    _table.Sweep(now);
                    RemoveExpired(model, now);
                    break;
            }

            Assert.Equal(model.TryGetValue(key, out var expected), _table.TryFind(key, out var id, out var expires));
            if (model.ContainsKey(key))
                Assert.Equal(expected, (id, expires));
        }

        Assert.Equal(model.Count, _table.Count);
        Assert.All(model, m => Assert.True(_table.TryFind(m.Key, out var id, out var expires) && m.Value == (id, expires)));
    }

    [Fact]
    public void Sweep_AllExpired_GivesMemoryBack()
    {
        for (var i = 0; i < 10_000; i++)
            _table.Set(KeyOf(i), NewId(), 100);

        _table.Sweep(99);
        Assert.Equal(10_000, _table.Count);

        _table.Sweep(100);
        Assert.Equal(0, _table.Count);
        Assert.InRange(_table.Bytes, 1, 640);
    }

    [Fact]
    public void Sweep_MostExpired_KeepsTheOthers()
    {
        const int All = 10_000, Kept = 100;
        var ids = Enumerable.Range(0, All).Select(_ => NewId()).ToArray();
        for (var i = 0; i < All; i++)
            _table.Set(KeyOf(i), ids[i], expires: i < Kept ? 200 : 100);

        _table.Sweep(100);

        Assert.Equal(Kept, _table.Count);
        Assert.InRange(_table.Bytes, 1, 10_000);
        Assert.All(Enumerable.Range(0, All), i => Assert.Equal(
            i < Kept ? (true, ids[i], 200L) : default, (_table.TryFind(KeyOf(i), out var id, out var expires), id, expires)));
    }

    [Fact]
    public void Dispose_Twice_LeavesNothingToUse()
    {
        _table.Set(7, NewId(), 100);

        _table.Dispose();
        _table.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _table.TryFind(7, out _, out _));
        Assert.Throws<ObjectDisposedException>(() => _table.Set(7, NewId(), 100));
        Assert.Equal((0, 0L), (_table.Count, _table.Bytes));
    }

    [Fact]
    public void DedupeIndex_MillionMarks_AreNoObjectsOfTheCollectors()
    {
        using var index = new DedupeIndex();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0UL; i < 1_000_000; i++)
            index.Add(new DedupeKey(new UInt128(i * 0x9E3779B97F4A7C15, i * 0xD1B54A32D192ED03)), default, 1000);

        // What is left are the lists of blocks.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1e6, 0, 2);
    }

    [Fact]
    public void DedupeIndex_AHundredThousandMarks_AtMost60BytesEach()
    {
        using var index = new DedupeIndex();
        const int Marks = 100_000;
        for (var i = 0; i < Marks; i++)
            index.Add(DedupeKey.OfId("sysaid", i.ToString(CultureInfo.InvariantCulture)), default, 1000);

        Assert.Equal(Marks, index.Count);
        Assert.InRange(index.Bytes / (double)Marks, 44, 60);
    }

    private static void RemoveExpired(Dictionary<UInt128, (EventId Id, long Expires)> model, long now)
    {
        foreach (var (key, mark) in model)
        {
            if (mark.Expires <= now)
                model.Remove(key);
        }
    }

    private static UInt128 KeyOf(int number) => new((ulong)number, (ulong)number * 0x9E3779B97F4A7C15);

    private static EventId NewId(Random? random = null)
    {
        Span<byte> bytes = stackalloc byte[16];
        (random ?? Random.Shared).NextBytes(bytes);
        return new EventId(new Guid(bytes));
    }
}

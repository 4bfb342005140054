using System.Buffers.Binary;
using System.Security.Cryptography;
using HookGateway.Events;

namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// Gives out UUIDv7s that rise strictly (RFC 9562, section 6.2, method 1: a counter in rand_a), also where the clock goes
/// back or more than 4096 fall into one millisecond: so the order of ids is the order of the rows. Writer thread only.
/// </summary>
internal sealed class EventIdSequence
{
    private const int MaxCounter = 0xFFF;

    private readonly byte[] _random = new byte[4096];
    private int _used = 4096;
    private long _milliseconds;
    private int _counter;

    /// <summary>The last id given out or read; all zero before the first.</summary>
    public EventId Last { get; private set; }

    public EventId Next(long nowMilliseconds)
    {
        if (nowMilliseconds > _milliseconds)
        {
            (_milliseconds, _counter) = (nowMilliseconds, 0);
        }
        else if (++_counter > MaxCounter)
        {
            (_milliseconds, _counter) = (_milliseconds + 1, 0);
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)_milliseconds << 16) | 0x7000 | (uint)_counter);
        Random().CopyTo(bytes[8..]);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return Last = new EventId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>Goes on after an id found on disk, if it is later than the last one here.</summary>
    public void ContinueAfter(EventId id)
    {
        if (AsNumber(id) <= AsNumber(Last))
            return;

        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        var head = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        (_milliseconds, _counter) = ((long)(head >> 16), (int)head & MaxCounter);
        Last = id;
    }

    /// <summary>When the event was accepted, as its id tells, in Unix milliseconds.</summary>
    public static long MillisecondsOf(EventId id) => (long)(ulong)(AsNumber(id) >> 80);

    /// <summary>An id as the number that it sorts by.</summary>
    public static UInt128 AsNumber(EventId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private ReadOnlySpan<byte> Random()
    {
        if (_used == _random.Length)
        {
            RandomNumberGenerator.Fill(_random);
            _used = 0;
        }

        _used += 8;
        return _random.AsSpan(_used - 8, 8);
    }
}

using System.Buffers.Binary;
using HookGateway.Events;

namespace HookGateway.Storage.Redis.Link;

/// <summary>Where an event lies, as its id tells.</summary>
/// <param name="Partition">In which partition.</param>
/// <param name="Number">Its number there.</param>
internal readonly record struct EventAddress(int Partition, long Number)
{
    private const int NumberBits = 52;
    private const int TimeShift = 16;
    private const int PartitionMask = 0x3ff;

    public static EventAddress Of(EventId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        var low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        return new EventAddress((int)(low >> NumberBits) & PartitionMask, (long)(low & ((1UL << NumberBits) - 1)));
    }

    /// <summary>When an event was accepted, in Unix milliseconds, as its id tells.</summary>
    public static long TimeOf(EventId id) => BinaryPrimitives.ReadInt64BigEndian(WriteId(id)) >>> TimeShift;

    /// <summary>An id as scripts read and give it.</summary>
    public static EventId ReadId(ReadOnlySpan<byte> bytes) => new(new Guid(bytes[..16], bigEndian: true));

    /// <summary>An id as scripts read and give it.</summary>
    public static byte[] WriteId(EventId id) => id.Value.ToByteArray(bigEndian: true);
}

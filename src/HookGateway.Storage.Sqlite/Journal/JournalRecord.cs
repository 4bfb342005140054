using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>
/// How a record lies in its file: the length of its payload, a checksum, the payload. The checksum (CRC-32C) goes over the place
/// as well, so that nothing is taken for a record anywhere but where it was written; a length of 0 ends the file.
/// </summary>
internal static class JournalRecord
{
    public const int HeaderBytes = 8;

    public static void WriteHeader(Span<byte> record, JournalPlace place)
    {
        var payload = record[HeaderBytes..];
        BinaryPrimitives.WriteInt32LittleEndian(record, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Checksum(place, payload));
    }

    /// <summary>The payload of the record at a place; <see langword="null"/> where none is there that is whole.</summary>
    public static byte[]? Read(SafeFileHandle file, JournalPlace place)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (RandomAccess.Read(file, header, place.Offset) < HeaderBytes)
            return null;

        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length <= 0 || place.Offset + HeaderBytes + length > RandomAccess.GetLength(file))
            return null;

        var payload = new byte[length];
        for (var read = 0; read < length;)
        {
            var more = RandomAccess.Read(file, payload.AsSpan(read), place.Offset + HeaderBytes + read);
            if (more == 0)
                return null;

            read += more;
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == Checksum(place, payload) ? payload : null;
    }

    private static uint Checksum(JournalPlace place, ReadOnlySpan<byte> payload)
    {
        var sum = BitOperations.Crc32C(uint.MaxValue, (ulong)place.Value);
        foreach (var eight in MemoryMarshal.Cast<byte, ulong>(payload))
            sum = BitOperations.Crc32C(sum, eight);

        foreach (var one in payload[(payload.Length & ~7)..])
            sum = BitOperations.Crc32C(sum, one);

        return ~sum;
    }
}

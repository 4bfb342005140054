using System.Buffers.Binary;
using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Rows;

/// <summary>
/// How dedupe marks lie in their row: those of one commit that expire together, side by side, key then id. A row for each of
/// them would double what a commit writes and what a start reads.
/// </summary>
internal static class MarkRow
{
    /// <summary>The size of one mark.</summary>
    public const int Bytes = 32;

    /// <summary>As many as fit into a row without a page of its own, which SQLite gives to what exceeds a quarter of a page.</summary>
    public const int MaxMarks = 120;

    public static void Write(List<byte> row, DedupeKey key, EventId id)
    {
        Span<byte> mark = stackalloc byte[Bytes];
        Write(mark, key, id);
        row.AddRange(mark);
    }

    public static void Write(Span<byte> mark, DedupeKey key, EventId id)
    {
        BinaryPrimitives.WriteUInt128BigEndian(mark, key.Value);
        id.Value.TryWriteBytes(mark[16..], bigEndian: true, out _);
    }

    public static (DedupeKey Key, EventId Id) Read(ReadOnlySpan<byte> row) => (
        new DedupeKey(BinaryPrimitives.ReadUInt128BigEndian(row)),
        new EventId(new Guid(row[16..Bytes], bigEndian: true)));
}

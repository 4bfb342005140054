using System.Buffers.Binary;
using HookGateway.Events;

namespace HookGateway.Storage.Sqlite.Rows;

/// <summary>An event that a key's state refers to.</summary>
/// <param name="Seq">Its row.</param>
/// <param name="Id">Its id.</param>
internal readonly record struct CoalescedEvent(long Seq, EventId Id);

/// <summary>How the events that a key's state refers to lie in its row: side by side, number, row and id.</summary>
internal static class CoalescedRow
{
    private const int Bytes = 28;

    public static Dictionary<int, CoalescedEvent> Read(ReadOnlySpan<byte> column)
    {
        var events = new Dictionary<int, CoalescedEvent>(column.Length / Bytes);
        for (; column.Length >= Bytes; column = column[Bytes..])
        {
            events.Add(
                BinaryPrimitives.ReadInt32BigEndian(column),
                new CoalescedEvent(
                    BinaryPrimitives.ReadInt64BigEndian(column[4..]), new EventId(new Guid(column[12..Bytes], bigEndian: true))));
        }

        return events;
    }

    public static byte[] Write(IReadOnlyCollection<KeyValuePair<int, CoalescedEvent>> events)
    {
        var column = new byte[events.Count * Bytes];
        var at = column.AsSpan();
        foreach (var (number, found) in events)
        {
            BinaryPrimitives.WriteInt32BigEndian(at, number);
            BinaryPrimitives.WriteInt64BigEndian(at[4..], found.Seq);
            found.Id.Value.TryWriteBytes(at[12..], bigEndian: true, out _);
            at = at[Bytes..];
        }

        return column;
    }
}

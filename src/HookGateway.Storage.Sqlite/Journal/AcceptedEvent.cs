using HookGateway.Events;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>An event that is stored, with everything that its acceptance writes: what a start does again from the journal.</summary>
/// <param name="Seq">Its row.</param>
/// <param name="Event">With its id.</param>
/// <param name="Disposition">What routing made of it.</param>
/// <param name="Deliveries">What it owes.</param>
/// <param name="DedupeKey">Its mark.</param>
/// <param name="Expires">When its mark does, in Unix milliseconds.</param>
/// <param name="Now">When it was accepted, in Unix milliseconds.</param>
internal readonly record struct AcceptedEvent(
    long Seq, WebhookEvent Event, Disposition Disposition, IReadOnlyList<OwedDelivery> Deliveries, DedupeKey DedupeKey, long Expires, long Now)
{
    public const byte Kind = 1;

    // Both are few, and share a byte.
    private const int OriginShift = 4;

    public void Write(BinaryWriter record)
    {
        record.Write(Kind);
        record.Write(Seq);
        record.Write(Now);
        record.Write(Expires);
        WriteMark(record);
        WriteEvent(record);
        record.Write((byte)((int)Disposition | ((int)Event.Origin << OriginShift)));
        record.Write7BitEncodedInt(Deliveries.Count);
        foreach (var (destination, lease, ordered) in Deliveries)
        {
            record.Write(destination);
            record.Write(lease);
            record.Write(ordered);
        }

        record.Write(Event.Body.Length);
        record.Write(Event.Body.Span);
    }

    /// <param name="record">After its kind.</param>
    public static AcceptedEvent Read(BinaryReader record)
    {
        var (seq, now, expires) = (record.ReadInt64(), record.ReadInt64(), record.ReadInt64());
        var (key, id) = MarkRow.Read(record.ReadBytes(MarkRow.Bytes));
        var read = ReadEvent(record, id);
        var kinds = record.ReadByte();
        var disposition = (Disposition)(kinds & ((1 << OriginShift) - 1));
        var deliveries = new OwedDelivery[record.Read7BitEncodedInt()];
        for (var i = 0; i < deliveries.Length; i++)
            deliveries[i] = new OwedDelivery(record.ReadString(), record.ReadBoolean(), record.ReadBoolean());

        read = read with { Origin = (EventOrigin)(kinds >> OriginShift), Body = record.ReadBytes(record.ReadInt32()) };
        return new AcceptedEvent(seq, read, disposition, deliveries, key, expires, now);
    }

    private void WriteMark(BinaryWriter record)
    {
        Span<byte> mark = stackalloc byte[MarkRow.Bytes];
        MarkRow.Write(mark, DedupeKey, Event.Id);
        record.Write(mark);
    }

    private void WriteEvent(BinaryWriter record)
    {
        Span<byte> trace = stackalloc byte[TraceContext.Bytes];
        Event.Trace.Write(trace);
        record.Write(trace);
        record.Write(Event.ReceivedAt.ToUnixTimeMilliseconds());
        record.Write(Event.Source);
        record.Write(Event.Name);
        record.WriteText(Event.SourceId);
        record.WriteText(Event.Key);
        record.WriteText(Event.ContentType);
        record.WriteText(HeadersText.Write(Event.Headers));
    }

    private static WebhookEvent ReadEvent(BinaryReader record, EventId id) => new()
    {
        Id = id,
        Trace = TraceContext.Read(record.ReadBytes(TraceContext.Bytes)),
        ReceivedAt = DateTimeOffset.FromUnixTimeMilliseconds(record.ReadInt64()),
        Source = record.ReadString(),
        Name = record.ReadString(),
        SourceId = record.ReadText(),
        Key = record.ReadText(),
        ContentType = record.ReadText(),
        Headers = HeadersText.Read(record.ReadText()),
        Body = default,
    };
}

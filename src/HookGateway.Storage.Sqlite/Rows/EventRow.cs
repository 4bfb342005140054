using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Rows;

/// <summary>How an event lies in its row.</summary>
internal static class EventRow
{
    /// <summary>The columns that <see cref="Read"/> expects, from 0.</summary>
    public const string Columns =
        "id, (SELECT text FROM names n WHERE n.id = e.source), name, source_id, key, received_ms, content_type, trace, disposition, body, headers, at, size, origin";

    /// <summary>The length of an event's body, wherever it lies.</summary>
    public const string BodyLength = "ifnull(size, length(body))";

    /// <exception cref="SqliteException">The body cannot be read from the journal.</exception>
    public static (WebhookEvent Event, Disposition Disposition) Read(SqliteStatement row, JournalBodies bodies)
    {
        var read = new WebhookEvent
        {
            Id = new EventId(new Guid(row.Blob(0), bigEndian: true)),
            Source = row.Text(1)!,
            Name = row.Text(2)!,
            SourceId = row.Text(3),
            Key = row.Text(4),
            ReceivedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(5)),
            ContentType = row.Text(6),
            Trace = TraceContext.Read(row.Blob(7)),
            Body = row.IsNull(11) ? row.Blob(9).ToArray() : bodies.Read(new JournalPlace(row.Int64(11)), row.Int32(12)),
            Headers = HeadersText.Read(row.Text(10)),
            Origin = (EventOrigin)row.Int32(13),
        };
        return (read, (Disposition)row.Int32(8));
    }

    /// <summary>Binds everything but the columns that only the writer knows: seq (1), source (3), the record's place (14).</summary>
    public static SqliteStatement Bind(SqliteStatement insert, WebhookEvent stored, Disposition disposition, int owed)
    {
        Span<byte> id = stackalloc byte[16];
        stored.Id.Value.TryWriteBytes(id, bigEndian: true, out _);
        Span<byte> trace = stackalloc byte[TraceContext.Bytes];
        stored.Trace.Write(trace);
        return insert
            .Bind(2, id)
            .Bind(4, stored.Name)
            .Bind(5, stored.SourceId)
            .Bind(6, stored.Key)
            .Bind(7, stored.ReceivedAt.ToUnixTimeMilliseconds())
            .Bind(8, stored.ContentType)
            .Bind(9, trace)
            .Bind(10, (long)disposition)
            .Bind(11, (long)owed)
            .Bind(12, [])
            .Bind(13, HeadersText.Write(stored.Headers))
            .Bind(15, (long)stored.Body.Length)
            .Bind(16, stored.Origin == EventOrigin.Sender ? null : (long)stored.Origin);
    }
}

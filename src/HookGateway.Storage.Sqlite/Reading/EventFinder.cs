using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Reads single events, beside the writer, each in a snapshot of its own that ends with the reading.</summary>
internal sealed class EventFinder(StoreFile file, JournalSegments journal, LeaseTable leases)
{
    public StoredEvent? Find(EventId id)
    {
        using var connection = file.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);
        if (EventIdSearch.Find(connection, id) is not { } seq)
            return null;

        using var row = new SqliteStatement(connection, $"SELECT {EventRow.Columns} FROM events e WHERE seq = ?1");
        using var bodies = new JournalBodies(journal);
        row.Bind(1, seq).Step();
        var (found, disposition) = EventRow.Read(row, bodies);
        return new StoredEvent(found, disposition, ReadDeliveries(connection, seq))
        {
            SupersededBy = disposition == Disposition.Superseded ? ReadSuccessor(connection, seq) : null,
            Supersedes = ReadSuperseded(connection, seq),
        };
    }

    private static EventId? ReadSuccessor(SqliteConnection connection, long seq)
    {
        using var row = new SqliteStatement(
            connection, "SELECT id FROM events WHERE seq = (SELECT successor FROM superseded WHERE superseded.seq = ?1)");
        return row.Bind(1, seq).Step() ? new EventId(new Guid(row.Blob(0), bigEndian: true)) : null;
    }

    private static List<EventId> ReadSuperseded(SqliteConnection connection, long seq)
    {
        using var rows = new SqliteStatement(
            connection,
            "SELECT id FROM superseded JOIN events USING (seq) WHERE successor = ?1 ORDER BY superseded.seq LIMIT 1000");
        var superseded = new List<EventId>();
        rows.Bind(1, seq);
        while (rows.Step())
            superseded.Add(new EventId(new Guid(rows.Blob(0), bigEndian: true)));

        return superseded;
    }

    private List<StoredDelivery> ReadDeliveries(SqliteConnection connection, long seq)
    {
        using var rows = new SqliteStatement(
            connection,
            $"""
            SELECT row, (SELECT text FROM names WHERE id = destination), state, attempts, due_ms, replay, {AttemptRow.Columns}
            FROM deliveries WHERE row BETWEEN ?1 AND ?2 ORDER BY row
            """);
        using var earlier = new SqliteStatement(
            connection, $"SELECT number, {AttemptRow.Columns} FROM attempts WHERE delivery = ?1 ORDER BY number");
        var deliveries = new List<StoredDelivery>();
        rows.Bind(1, DeliveryRow.First(seq)).Bind(2, DeliveryRow.Last(seq));
        while (rows.Step())
            deliveries.Add(ReadDelivery(rows, earlier));

        return deliveries;
    }

    private StoredDelivery ReadDelivery(SqliteStatement delivery, SqliteStatement earlier)
    {
        var row = delivery.Int64(0);
        var count = delivery.Int32(3);
        var attempts = new List<DeliveryAttempt>(count);
        earlier.Bind(1, row);
        while (earlier.Step())
            attempts.Add(AttemptRow.Read(earlier, 1, earlier.Int32(0)));

        if (count > 0)
            attempts.Add(AttemptRow.Read(delivery, 6, count));

        var leasedFirst = count == 0 && leases.Contains(row);
        var waits = delivery.NullableInt64(4) == DeliveryRow.Waiting;
        var due = leasedFirst || waits ? null : delivery.NullableInt64(4);
        return new StoredDelivery(
            delivery.Text(1)!,
            DeliveryRow.OrdinalOf(row),
            (DeliveryState)delivery.Int32(2),
            due is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null,
            attempts)
        {
            Replayed = !delivery.IsNull(5),
            Waits = waits,
        };
    }
}

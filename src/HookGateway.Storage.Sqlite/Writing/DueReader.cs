using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// Leases what is due. It reads on the writer's thread and connection, between two transactions: so it sees every
/// settlement that was committed, and nothing that is not. Writer thread only.
/// </summary>
internal sealed class DueReader(SqliteConnection connection, StoreMemory memory, NameTable names, JournalSegments segments) : IDisposable
{
    private readonly SqliteStatement _due = new(
        connection,
        """
        SELECT row, due_ms FROM deliveries INDEXED BY deliveries_due
        WHERE destination = ?1 AND due_ms IS NOT NULL AND bulk IS NULL AND due_ms <= ?2 ORDER BY due_ms, row
        """);

    private readonly SqliteStatement _dueBulk = new(
        connection,
        """
        SELECT row, due_ms FROM deliveries INDEXED BY deliveries_due_bulk
        WHERE destination = ?1 AND due_ms IS NOT NULL AND bulk IS NOT NULL AND due_ms <= ?2 ORDER BY due_ms, row
        """);

    private readonly SqliteStatement _later = new(
        connection,
        """
        SELECT row, due_ms FROM deliveries INDEXED BY deliveries_due
        WHERE destination = ?1 AND due_ms IS NOT NULL AND bulk IS NULL AND due_ms > ?2 AND due_ms < ?3 ORDER BY due_ms, row
        """);

    private readonly SqliteStatement _laterBulk = new(
        connection,
        """
        SELECT row, due_ms FROM deliveries INDEXED BY deliveries_due_bulk
        WHERE destination = ?1 AND due_ms IS NOT NULL AND bulk IS NOT NULL AND due_ms > ?2 AND due_ms < ?3 ORDER BY due_ms, row
        """);

    private readonly SqliteStatement _oldest = new(
        connection,
        """
        SELECT row FROM deliveries INDEXED BY deliveries_owed WHERE destination = ?1 AND due_ms IS NOT NULL ORDER BY row LIMIT 1
        """);

    private readonly SqliteStatement _delivery = new(
        connection,
        $"""
        SELECT attempts, (SELECT {EventRow.BodyLength} + 2 * ifnull(length(headers), 0) FROM events WHERE seq = ?2), destination,
          replay, replay_trace, EXISTS (SELECT 1 FROM ordered WHERE row = ?1), bulk
        FROM deliveries WHERE row = ?1
        """);

    private readonly SqliteStatement _event = new(connection, $"SELECT {EventRow.Columns} FROM events e WHERE seq = ?1");
    private readonly JournalBodies _bodies = new(segments);
    private readonly SqliteStatement _received = new(connection, "SELECT received_ms FROM events WHERE seq = ?1");

    /// <summary>Leases for each request in turn; an event owed to several destinations is read, and kept, once.</summary>
    public List<LeaseResult> Lease(IReadOnlyList<LeaseRequest> requests, long now)
    {
        var events = new Dictionary<long, WebhookEvent>();
        var results = new List<LeaseResult>(requests.Count);
        foreach (var request in requests)
            results.Add(Lease(request, now, events));

        // Only now: a failure in the middle must lease nothing.
        foreach (var delivery in results.SelectMany(r => r.Deliveries))
            memory.Leases.Add(delivery.Lease.Handle, delivery.Attempts, fresh: false);

        return results;
    }

    /// <summary>What each destination is owed.</summary>
    public List<PendingDeliveries> Pending(DestinationCounts counts)
    {
        var oldestFresh = OldestFreshByDestination();
        var pending = new List<PendingDeliveries>(counts.All.Count);
        foreach (var (destination, count) in counts.All)
        {
            var oldest = oldestFresh.GetValueOrDefault(destination, long.MaxValue);
            if (_oldest.Bind(1, (long)destination).Step())
                oldest = Math.Min(oldest, _oldest.Int64(0));

            _oldest.Reset();
            pending.Add(new PendingDeliveries(
                names.NameOf(destination), count.Pending, count.Dead, oldest == long.MaxValue ? null : ReceivedAt(oldest))
            {
                Blocked = count.Blocked,
            });
        }

        return pending;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_due, _dueBulk, _later, _laterBulk, _oldest, _delivery, _event, _received, _bodies])
            statement.Dispose();
    }

    private LeaseResult Lease(LeaseRequest request, long now, Dictionary<long, WebhookEvent> events)
    {
        if (!names.TryFind(NameKind.Destination, request.Destination, out var destination))
            return new LeaseResult([], More: false, NextDue: null);

        var leased = new List<Delivery>();
        var bytes = 0L;
        var more = false;
        var due = request.Bulk ? _dueBulk : _due;
        due.Bind(1, (long)destination).Bind(2, now);
        try
        {
            while (!more && due.Step())
            {
                var row = due.Int64(0);
                if (memory.Leases.Contains(row))
                    continue;

                var read = ReadDelivery(row);
                more = leased.Count >= request.MaxCount || (leased.Count > 0 && bytes + read.Size > request.MaxBytes);
                if (more)
                    continue;

                bytes += read.Size;
                leased.Add(Make(row, request.Destination, read, events));
            }
        }
        finally
        {
            due.Reset();
        }

        return new LeaseResult(leased, more, NextDue(request.Bulk ? _laterBulk : _later, destination, now));
    }

    private Delivery Make(long row, string destination, ReadRow read, Dictionary<long, WebhookEvent> events)
    {
        var seq = DeliveryRow.SeqOf(row);
        if (!events.TryGetValue(seq, out var stored))
        {
            _event.Bind(1, seq).Step();
            stored = EventRow.Read(_event, _bodies).Event;
            _event.Reset();
            events.Add(seq, stored);
        }

        return new Delivery
        {
            Event = stored,
            Destination = destination,
            Ordinal = DeliveryRow.OrdinalOf(row),
            Attempts = read.Attempts,
            Replay = read.Replay,
            Sequence = read.IsOrdered ? seq : null,
            Lease = new Lease(row, memory.Epoch),
        };
    }

    private ReadRow ReadDelivery(long row)
    {
        _delivery.Bind(1, row).Bind(2, DeliveryRow.SeqOf(row)).Step();
        var replay = _delivery.IsNull(3) ? null : new Replay(_delivery.Int32(3), TraceContext.Read(_delivery.Blob(4)), _delivery.NullableInt64(6));
        var read = new ReadRow(_delivery.Int32(0), _delivery.Int64(1), replay, _delivery.Int32(5) != 0);
        _delivery.Reset();
        return read;
    }

    private readonly record struct ReadRow(int Attempts, long Size, Replay? Replay, bool IsOrdered);

    private DateTimeOffset? NextDue(SqliteStatement later, int destination, long now)
    {
        later.Bind(1, (long)destination).Bind(2, now).Bind(3, DeliveryRow.Waiting);
        try
        {
            while (later.Step())
            {
                if (!memory.Leases.Contains(later.Int64(0)))
                    return DateTimeOffset.FromUnixTimeMilliseconds(later.Int64(1));
            }

            return null;
        }
        finally
        {
            later.Reset();
        }
    }

    private Dictionary<int, long> OldestFreshByDestination()
    {
        var oldest = new Dictionary<int, long>();
        foreach (var row in memory.Leases.Fresh())
        {
            // Without looking for an event: its size does not matter here.
            if (!_delivery.Bind(1, row).Bind(2, (long?)null).Step())
                continue;

            var destination = _delivery.Int32(2);
            _delivery.Reset();
            oldest[destination] = Math.Min(row, oldest.GetValueOrDefault(destination, long.MaxValue));
        }

        return oldest;
    }

    private DateTimeOffset? ReceivedAt(long row)
    {
        var found = _received.Bind(1, DeliveryRow.SeqOf(row)).Step();
        DateTimeOffset? received = found ? DateTimeOffset.FromUnixTimeMilliseconds(_received.Int64(0)) : null;
        _received.Reset();
        return received;
    }
}

using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Reading;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Makes deliveries due again: dead ones are revived, others added. Writer thread only.</summary>
internal sealed class ReplayWriter(SqliteConnection connection, EventInserter events, Books books, OrderWriter order) : IDisposable
{
    private readonly SqliteStatement _deliveries = new(
        connection, "SELECT row, destination, state FROM deliveries WHERE row BETWEEN ?1 AND ?2 ORDER BY row");

    private readonly SqliteStatement _dead = new(
        connection,
        """
        SELECT row FROM deliveries INDEXED BY deliveries_dead
        WHERE destination = ?1 AND state = 3 AND row > ?2 ORDER BY row LIMIT ?3
        """);

    private readonly SqliteStatement _last = new(
        connection, "SELECT max(row) FROM deliveries INDEXED BY deliveries_dead WHERE destination = ?1 AND state = 3");

    // What had attempts is retrying again, as after any other failure.
    private readonly SqliteStatement _revive = new(
        connection,
        """
        UPDATE deliveries SET state = iif(attempts = 0, 0, 1), due_ms = ?2, replay = attempts, replay_trace = ?3 WHERE row = ?1
        """);

    private readonly SqliteStatement _mark = new(connection, "UPDATE deliveries SET replay = 0, replay_trace = ?2 WHERE row = ?1");
    private readonly SqliteStatement _owe = new(connection, "UPDATE events SET owed = owed + 1 WHERE seq = ?1");

    /// <summary>Writes a replay into the open transaction.</summary>
    public ReplayResult Replay(ReplayRequest request, long now)
    {
        if (EventIdSearch.Find(connection, request.Id) is not { } seq)
            return new ReplayResult.NotFound();

        var made = ReadDeliveries(seq);
        var next = made.Count == 0 ? 0 : made[^1].Ordinal + 1;
        var replayed = new List<ReplayedDelivery>();
        foreach (var destination in request.Destinations)
        {
            var id = events.IdOf(NameKind.Destination, destination);
            var dead = made.FindAll(d => d.Destination == id && d.State == DeliveryState.Dead);
            foreach (var (ordinal, _, _) in dead)
                replayed.Add(Revive(DeliveryRow.Of(seq, ordinal), id, destination, request.Trace, now));

            if (dead.Count == 0 && next == DeliveryRow.MaxFanOut)
                return new ReplayResult.TooMany(DeliveryRow.MaxFanOut);

            if (dead.Count == 0)
                replayed.Add(Add(seq, next++, destination, request.Trace, now));
        }

        return new ReplayResult.Replayed(replayed);
    }

    /// <summary>The last dead delivery to a destination; 0 where none is dead.</summary>
    public long LastDead(string destination)
    {
        _last.Bind(1, (long)events.IdOf(NameKind.Destination, destination)).Step();
        var row = _last.Int64(0);
        _last.Reset();
        return row;
    }

    /// <summary>Revives some dead deliveries to a destination in the open transaction.</summary>
    /// <returns>How many, and the last of them.</returns>
    public (int Count, long Last) ReviveDead(string destination, long after, long until, int limit, TraceContext trace, long now)
    {
        var id = events.IdOf(NameKind.Destination, destination);
        var rows = new List<long>();
        _dead.Bind(1, (long)id).Bind(2, after).Bind(3, (long)limit);
        while (_dead.Step())
            rows.Add(_dead.Int64(0));

        rows.RemoveAll(row => row > until);
        foreach (var row in rows)
            Revive(row, id, destination, trace, now);

        return (rows.Count, rows.Count == 0 ? after : rows[^1]);
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_deliveries, _dead, _last, _revive, _mark, _owe])
            statement.Dispose();
    }

    private List<(int Ordinal, int Destination, DeliveryState State)> ReadDeliveries(long seq)
    {
        var made = new List<(int, int, DeliveryState)>();
        _deliveries.Bind(1, DeliveryRow.First(seq)).Bind(2, DeliveryRow.Last(seq));
        while (_deliveries.Step())
            made.Add((DeliveryRow.OrdinalOf(_deliveries.Int64(0)), _deliveries.Int32(1), (DeliveryState)_deliveries.Int32(2)));

        return made;
    }

    private ReplayedDelivery Revive(long row, int id, string destination, TraceContext trace, long now)
    {
        Span<byte> bytes = stackalloc byte[TraceColumn.Bytes];
        TraceColumn.Write(bytes, trace);
        _revive.Bind(1, row).Bind(2, now).Bind(3, bytes).Run();
        books.Revive(id);
        order.Revive(row, id);
        return new ReplayedDelivery(destination, DeliveryRow.OrdinalOf(row), Revived: true);
    }

    private ReplayedDelivery Add(long seq, int ordinal, string destination, TraceContext trace, long now)
    {
        Span<byte> bytes = stackalloc byte[TraceColumn.Bytes];
        TraceColumn.Write(bytes, trace);
        var row = DeliveryRow.Of(seq, ordinal);
        events.InsertDelivery(row, destination, now);
        _mark.Bind(1, row).Bind(2, bytes).Run();
        _owe.Bind(1, seq).Run();
        return new ReplayedDelivery(destination, ordinal, Revived: false);
    }
}

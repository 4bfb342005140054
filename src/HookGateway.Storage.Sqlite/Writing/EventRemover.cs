using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Deletes events that owe nothing, and expired marks. Writer thread only.</summary>
internal sealed class EventRemover(SqliteConnection connection, DestinationCounts counts) : IDisposable
{
    // The candidates were found on another connection a moment ago: whether one owes anything is looked up again here.
    private readonly SqliteStatement _event = new(
        connection,
        """
        DELETE FROM events WHERE seq = ?1
          AND NOT EXISTS (SELECT 1 FROM deliveries WHERE row BETWEEN ?2 AND ?3 AND state < 2)
        """);

    private readonly SqliteStatement _dead = new(
        connection, "SELECT destination FROM deliveries WHERE row BETWEEN ?1 AND ?2 AND state = 3");

    private readonly SqliteStatement _deliveries = new(connection, "DELETE FROM deliveries WHERE row BETWEEN ?1 AND ?2");
    private readonly SqliteStatement _attempts = new(connection, "DELETE FROM attempts WHERE delivery BETWEEN ?1 AND ?2");
    private readonly SqliteStatement _saveLast = new(connection, "UPDATE meta SET last_seq = ?1, last_id = ?2 WHERE id = 1");

    private readonly SqliteStatement _marks = new(
        connection,
        """
        DELETE FROM marks WHERE (expires_ms, first_seq) IN
          (SELECT expires_ms, first_seq FROM marks WHERE expires_ms <= ?1 ORDER BY expires_ms, first_seq LIMIT ?2)
        """);

    /// <summary>Deletes events in the open transaction.</summary>
    /// <returns>How many.</returns>
    public int Remove(IReadOnlyList<long> events)
    {
        var removed = 0;
        foreach (var seq in events)
        {
            var (first, last) = (DeliveryRow.First(seq), DeliveryRow.Last(seq));
            if (_event.Bind(1, seq).Bind(2, first).Bind(3, last).Run() == 0)
                continue;

            removed++;
            _dead.Bind(1, first).Bind(2, last);
            while (_dead.Step())
                counts.Stage(_dead.Int32(0), pending: 0, dead: -1);

            if (_deliveries.Bind(1, first).Bind(2, last).Run() > 0)
                _attempts.Bind(1, first).Bind(2, last).Run();
        }

        return removed;
    }

    /// <summary>Keeps the last number and id given out, so that neither is given out again when its event is gone.</summary>
    public void SaveLast(long seq, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        _saveLast.Bind(1, seq).Bind(2, bytes).Run();
    }

    /// <summary>Deletes up to <paramref name="limit"/> rows of expired marks in the open transaction.</summary>
    public int RemoveMarks(long now, int limit) => _marks.Bind(1, now).Bind(2, (long)limit).Run();

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_event, _dead, _deliveries, _attempts, _saveLast, _marks])
            statement.Dispose();
    }
}

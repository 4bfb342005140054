using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Deletes events that owe nothing, and expired marks. Writer thread only.</summary>
internal sealed class EventRemover(SqliteConnection connection, Books books) : IDisposable
{
    // The candidates were found on another connection a moment ago: whether one owes anything is looked up again here.
    private readonly SqliteStatement _event = new(
        connection,
        $"""
        DELETE FROM events WHERE seq = ?1 AND disposition <> {(int)Disposition.Held}
          AND NOT EXISTS (SELECT 1 FROM deliveries WHERE row BETWEEN ?2 AND ?3 AND state < 2)
          AND NOT EXISTS (SELECT 1 FROM superseded WHERE successor = ?1) AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.seq = ?1)
          RETURNING source, disposition
        """);

    private readonly SqliteStatement _superseded = new(connection, "DELETE FROM superseded WHERE seq = ?1");

    private readonly SqliteStatement _kept = new(
        connection, "DELETE FROM kept WHERE seq IN (SELECT seq FROM kept WHERE until_ms <= ?1 LIMIT ?2)");

    private readonly SqliteStatement _coalesced = new(
        connection,
        """
        DELETE FROM coalesced WHERE id IN
          (SELECT id FROM coalesced INDEXED BY coalesced_forget WHERE release_ms IS NULL AND forget_ms <= ?1 ORDER BY forget_ms LIMIT ?2)
        """);

    private readonly SqliteStatement _ended = new(
        connection, "SELECT destination, state FROM deliveries WHERE row BETWEEN ?1 AND ?2");

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
            if (!_event.Bind(1, seq).Bind(2, first).Bind(3, last).Step())
                continue;

            removed++;
            var disposition = (Disposition)_event.Int32(1);
            books.Purge(_event.Int32(0), disposition);
            _event.Run();
            if (disposition == Disposition.Superseded)
                _superseded.Bind(1, seq).Run();

            _ended.Bind(1, first).Bind(2, last);
            while (_ended.Step())
                books.Purge(_ended.Int32(0), (DeliveryState)_ended.Int32(1));

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

    /// <summary>
    /// Deletes up to <paramref name="limit"/> keys of coalescing sources that are to be forgotten, and as many notes of what was to
    /// be kept until now, in the open transaction.
    /// </summary>
    public int RemoveCoalesced(long now, int limit) =>
        Math.Max(_coalesced.Bind(1, now).Bind(2, (long)limit).Run(), _kept.Bind(1, now).Bind(2, (long)limit).Run());

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)
            [_event, _superseded, _kept, _coalesced, _ended, _deliveries, _attempts, _saveLast, _marks])
            statement.Dispose();
    }
}

using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Rows;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// Writes what came of deliveries. A settlement is current where its lease is of this opening and still held; any other is
/// stale, and only a stale <see cref="DeliveryState.Delivered"/> counts, and only against a state that is not final. Writer
/// thread only.
/// </summary>
internal sealed class SettlementWriter(SqliteConnection connection, EventInserter events, Books books, OrderWriter order) : IDisposable
{
    private readonly SqliteStatement _read = new(connection, "SELECT destination, state, attempts, bulk FROM deliveries WHERE row = ?1");

    private readonly SqliteStatement _keepLast = new(
        connection,
        $"INSERT INTO attempts SELECT row, attempts, {AttemptRow.Columns} FROM deliveries WHERE row = ?1 AND started_ms IS NOT NULL");

    private readonly SqliteStatement _attempted = new(
        connection,
        """
        UPDATE deliveries SET state = ?2, due_ms = ?3, attempts = attempts + 1,
          started_ms = ?4, duration_us = ?5, status = ?6, error = ?7, detail = ?8, answer = ?9
        WHERE row = ?1
        """);

    private readonly SqliteStatement _attemptedFresh = new(
        connection,
        $"INSERT INTO deliveries (row, state, due_ms, {AttemptRow.Columns}, destination, attempts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)");

    private readonly SqliteStatement _moved = new(connection, "UPDATE deliveries SET state = ?2, due_ms = ?3 WHERE row = ?1");

    private readonly SqliteStatement _demote =
        new(connection, "UPDATE deliveries SET due_ms = ?2 WHERE row = ?1 AND state = 0 AND due_ms IS NULL");

    /// <summary>Writes a settlement into the open transaction, or drops it.</summary>
    /// <param name="settled">What came of a delivery.</param>
    /// <param name="freedNext">Whether it made another delivery due, or may have: where it ended one in an order.</param>
    /// <returns>Whether the delivery's lease ends with the commit.</returns>
    public bool Write(in SettledDelivery settled, out bool freedNext)
    {
        if (settled is { IsHeld: true, Attempts: 0, Attempt: not null } && events.TryTakeFresh(settled.Row, out var owner))
        {
            Update(settled, 0, owner);
            freedNext = IsFinal(settled.State) && End(settled, owner, bulk: null);
            return true;
        }

        // Where it was written already, in a commit that was reported as failed, nobody has been told of the next one.
        freedNext = settled.IsOrdered;
        events.FlushFresh(settled.Row);
        if (!_read.Bind(1, settled.Row).Step())
            return true;

        var (destination, state, attempts) = (_read.Int32(0), (DeliveryState)_read.Int32(1), _read.Int32(2));
        var bulk = _read.NullableInt64(3);
        _read.Reset();
        if (IsFinal(state))
            return true;

        freedNext = false;

        // Held, and yet an attempt more: counted already, in a commit that was reported as failed and is there all the same.
        var current = settled.IsHeld && attempts == settled.Attempts;
        if (!current && settled.State != DeliveryState.Delivered)
            return settled.IsHeld;

        Update(settled, attempts, fresh: null);
        freedNext = IsFinal(settled.State) && End(settled, destination, bulk);
        return true;
    }

    /// <summary>Puts a fresh delivery into the index of due ones; whoever holds it goes on holding it.</summary>
    public void Demote(DemotedDelivery demoted)
    {
        events.FlushFresh(demoted.Row);
        _demote.Bind(1, demoted.Row).Bind(2, demoted.Now).Run();
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_read, _keepLast, _attempted, _attemptedFresh, _moved, _demote])
            statement.Dispose();
    }

    private static bool IsFinal(DeliveryState state) => state is DeliveryState.Delivered or DeliveryState.Dead;

    /// <returns>Whether another delivery became due by it.</returns>
    private bool End(in SettledDelivery settled, int destination, long? bulk)
    {
        books.End(destination, settled.State, bulk);
        if (!settled.IsOrdered)
            return false;

        if (settled is not { State: DeliveryState.Dead, Blocks: true })
            return order.Leave(settled.Row, settled.Now);

        order.Block(settled.Row, destination);
        return false;
    }

    /// <param name="settled">What came of the delivery.</param>
    /// <param name="attempts">How many attempts were counted before.</param>
    /// <param name="fresh">Its destination, where it has no row yet.</param>
    private void Update(in SettledDelivery settled, int attempts, int? fresh)
    {
        var attempted = settled.Attempt is null ? attempts : attempts + 1;
        var state = IsFinal(settled.State) ? settled.State : attempted == 0 ? DeliveryState.Pending : DeliveryState.Retrying;
        long? due = IsFinal(state) ? null : settled.DueAt ?? settled.Now;
        if (settled.Attempt is not { } attempt)
        {
            _moved.Bind(1, settled.Row).Bind(2, (long)state).Bind(3, due).Run();
            return;
        }

        if (attempts > 0)
            _keepLast.Bind(1, settled.Row).Run();

        var written = fresh is { } destination ? _attemptedFresh.Bind(10, (long)destination) : _attempted;
        AttemptRow.Bind(written.Bind(1, settled.Row).Bind(2, (long)state).Bind(3, due), 4, attempt).Run();
    }
}

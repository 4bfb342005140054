using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// Writes what came of deliveries. A settlement is current where its lease is of this opening and still held; any other is
/// stale, and only a stale <see cref="DeliveryState.Delivered"/> counts, and only against a state that is not final. Writer
/// thread only.
/// </summary>
internal sealed class SettlementWriter(SqliteConnection connection, StoreMemory memory, Books books, OrderWriter order) : IDisposable
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

    private readonly SqliteStatement _moved = new(connection, "UPDATE deliveries SET state = ?2, due_ms = ?3 WHERE row = ?1");

    private readonly SqliteStatement _demote =
        new(connection, "UPDATE deliveries SET due_ms = ?2 WHERE row = ?1 AND state = 0 AND due_ms IS NULL");

    /// <summary>Writes a settlement into the open transaction, or drops it.</summary>
    /// <param name="settlement">What came of a delivery.</param>
    /// <param name="now">The time.</param>
    /// <param name="freedNext">Whether it made another delivery due, or may have: where it ended one in an order.</param>
    /// <returns>Whether the delivery's lease ends with the commit.</returns>
    public bool Write(Settlement settlement, long now, out bool freedNext)
    {
        // Where it was written already, in a commit that was reported as failed, nobody has been told of the next one.
        var isOrdered = settlement.Delivery.Sequence is not null;
        freedNext = isOrdered;
        var row = settlement.Delivery.Lease.Handle;
        if (!_read.Bind(1, row).Step())
            return true;

        var (destination, state, attempts) = (_read.Int32(0), (DeliveryState)_read.Int32(1), _read.Int32(2));
        var bulk = _read.NullableInt64(3);
        _read.Reset();
        if (IsFinal(state))
            return true;

        freedNext = false;
        var held = settlement.Delivery.Lease.Epoch == memory.Epoch
            && memory.Leases.Contains(row, settlement.Delivery.Attempts);

        // Held, and yet an attempt more: counted already, in a commit that was reported as failed and is there all the same.
        var current = held && attempts == settlement.Delivery.Attempts;
        if (!current && settlement.State != DeliveryState.Delivered)
            return held;

        Update(row, settlement, attempts, now);
        if (IsFinal(settlement.State))
        {
            books.End(destination, settlement.State, bulk);
            freedNext = isOrdered && EndInOrder(row, destination, settlement, now);
        }

        return true;
    }

    /// <summary>Puts a fresh delivery into the index of due ones; whoever holds it goes on holding it.</summary>
    public void Demote(long row, long now) => _demote.Bind(1, row).Bind(2, now).Run();

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_read, _keepLast, _attempted, _moved, _demote])
            statement.Dispose();
    }

    private static bool IsFinal(DeliveryState state) => state is DeliveryState.Delivered or DeliveryState.Dead;

    private bool EndInOrder(long row, int destination, Settlement settlement, long now)
    {
        if (settlement is not { State: DeliveryState.Dead, Blocks: true })
            return order.Leave(row, now);

        order.Block(row, destination);
        return false;
    }

    private void Update(long row, Settlement settlement, int attempts, long now)
    {
        var attempted = settlement.Attempt is null ? attempts : attempts + 1;
        var state = IsFinal(settlement.State) ? settlement.State : attempted == 0 ? DeliveryState.Pending : DeliveryState.Retrying;
        long? due = IsFinal(state) ? null : settlement.DueAt?.ToUnixTimeMilliseconds() ?? now;
        if (settlement.Attempt is not { } attempt)
        {
            _moved.Bind(1, row).Bind(2, (long)state).Bind(3, due).Run();
            return;
        }

        if (attempts > 0)
            _keepLast.Bind(1, row).Run();

        AttemptRow.Bind(_attempted.Bind(1, row).Bind(2, (long)state).Bind(3, due), 4, attempt).Run();
    }
}

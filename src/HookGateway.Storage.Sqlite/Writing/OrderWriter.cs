using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// Who stands in which order. An ordered delivery has a row in <c>ordered</c> until it has ended, and a dead one that blocks
/// keeps it. The first of a group is the head; all others wait. Every change is part of the transaction that changes the
/// deliveries themselves. Writer thread only.
/// </summary>
internal sealed class OrderWriter(SqliteConnection connection, DestinationCounts counts) : IDisposable
{
    private const string Group = "destination = ?1 AND source = ?2 AND key = ?3";

    private readonly SqliteStatement _first = new(connection, $"SELECT row FROM ordered WHERE {Group} ORDER BY row LIMIT 1");
    private readonly SqliteStatement _enter = new(connection, "INSERT INTO ordered VALUES (?1, ?2, ?3, ?4)");

    private readonly SqliteStatement _leave = new(
        connection, "DELETE FROM ordered WHERE row = ?1 RETURNING destination, source, key");

    private readonly SqliteStatement _isIn = new(connection, "SELECT 1 FROM ordered WHERE row = ?1");

    private readonly SqliteStatement _makeDue = new(
        connection, $"UPDATE deliveries SET due_ms = ?2 WHERE row = ?1 AND due_ms = {DeliveryRow.Waiting}");

    private readonly SqliteStatement _blocked = new(
        connection,
        """
        SELECT row FROM deliveries INDEXED BY deliveries_dead WHERE destination = ?1 AND state = 3 AND row > ?2
          AND EXISTS (SELECT 1 FROM ordered o WHERE o.row = deliveries.row) ORDER BY row LIMIT ?3
        """);

    /// <summary>Puts a new delivery at the end of its group.</summary>
    /// <returns>Whether it is the head, and so may start; else it waits.</returns>
    public bool Enter(int destination, int source, string key, long row)
    {
        var isHead = First(destination, source, key) is null;
        _enter.Bind(1, (long)destination).Bind(2, (long)source).Bind(3, key).Bind(4, row).Run();
        return isHead;
    }

    /// <summary>One has ended: the next of its group is due.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Leave(long row, long now)
    {
        if (!_leave.Bind(1, row).Step())
            return false;

        var (destination, source, key) = (_leave.Int32(0), _leave.Int32(1), _leave.Text(2)!);
        _leave.Run();
        return First(destination, source, key) is { } next && _makeDue.Bind(1, next).Bind(2, now).Run() > 0;
    }

    /// <summary>A dead one stays at the head of its group, and those behind it where they are.</summary>
    public void Block(long row, int destination)
    {
        if (IsIn(row))
            counts.Stage(destination, blocked: 1);
    }

    /// <summary>A dead one is owed again. One that blocked is an ordinary head from here on; any other passes the order by.</summary>
    public void Revive(long row, int destination)
    {
        if (IsIn(row))
            counts.Stage(destination, blocked: -1);
    }

    /// <summary>Lets some groups of a destination go on whose head is dead.</summary>
    /// <returns>The last dead head that was let go; <see langword="null"/> where there is none after <paramref name="after"/>.</returns>
    public long? Release(int destination, long after, int limit, long now)
    {
        var heads = new List<long>();
        _blocked.Bind(1, (long)destination).Bind(2, after).Bind(3, (long)limit);
        while (_blocked.Step())
            heads.Add(_blocked.Int64(0));

        foreach (var head in heads)
            Leave(head, now);

        counts.Stage(destination, blocked: -heads.Count);
        return heads.Count == 0 ? null : heads[^1];
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_first, _enter, _leave, _isIn, _makeDue, _blocked])
            statement.Dispose();
    }

    private long? First(int destination, int source, string key)
    {
        long? first = _first.Bind(1, (long)destination).Bind(2, (long)source).Bind(3, key).Step() ? _first.Int64(0) : null;
        _first.Reset();
        return first;
    }

    private bool IsIn(long row)
    {
        var found = _isIn.Bind(1, row).Step();
        _isIn.Reset();
        return found;
    }
}

using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// The writer's connection from one opening of the file to its closing, with its prepared statements and what was read from
/// the file. After an I/O error it is thrown away and another one takes its place. Writer thread only.
/// </summary>
internal sealed class StoreSession : IDisposable
{
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _probe;
    private readonly SqliteStatement _saveFreshFrom;

    private StoreSession(SqliteConnection connection, StoreMemory memory)
    {
        Connection = connection;
        _begin = new(connection, "BEGIN IMMEDIATE");
        _commit = new(connection, "COMMIT");
        _probe = new(connection, "UPDATE meta SET epoch = epoch WHERE id = 1");
        _saveFreshFrom = new(connection, "UPDATE meta SET fresh_from = ?1 WHERE id = 1");
        Names = new NameTable();
        Counts = new DestinationCounts();
        Books = new Books(connection, Counts);
        Order = new OrderWriter(connection, Counts);
        Events = new EventInserter(connection, Names, Books, Order);
        Settlements = new SettlementWriter(connection, memory, Books, Order);
        Due = new DueReader(connection, memory, Names);
        Remover = new EventRemover(connection, Books);
        Replays = new ReplayWriter(connection, Events, Books, Order);
        BulkReplays = new BulkReplayWriter(connection, Replays, Books);
        Pauses = new PauseWriter(connection, Names, Events);
    }

    public SqliteConnection Connection { get; }

    public NameTable Names { get; }

    public DestinationCounts Counts { get; }

    public Books Books { get; }

    public OrderWriter Order { get; }

    public EventInserter Events { get; }

    public SettlementWriter Settlements { get; }

    public DueReader Due { get; }

    public EventRemover Remover { get; }

    public ReplayWriter Replays { get; }

    public BulkReplayWriter BulkReplays { get; }

    public PauseWriter Pauses { get; }

    public long NextSeq { get; set; }

    /// <summary>Opens the file and brings what is in memory up to what is on disk.</summary>
    public static StoreSession Open(StoreFile file, StoreMemory memory, long now)
    {
        var first = memory.Epoch == 0;
        var connection = file.OpenWriter(create: first);
        try
        {
            EmptyLog(connection, mayFail: first);
            var recovery = new StoreRecovery(connection, memory);
            recovery.BeginEpoch();
            recovery.MakeFreshDue(now);
            var session = new StoreSession(connection, memory) { NextSeq = recovery.ReadLastSeq() + 1 };
            recovery.ReadNames(session.Names);
            recovery.ReadCounts(session.Counts);
            recovery.ReadMarks(now);
            memory.CommittedSeq = session.NextSeq - 1;
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Begin() => _begin.Run();

    public void Commit()
    {
        Books.Flush();
        _commit.Run();
    }

    /// <summary>Undoes the open transaction, on disk and in the numbers that went with it.</summary>
    public void Rollback(long nextSeq)
    {
        NextSeq = nextSeq;
        Names.Discard();
        Counts.Discard();
        Books.Discard();

        // SQLite itself has rolled back after some errors.
        if (raw.sqlite3_get_autocommit(Connection.Handle!) == 0)
            Connection.Execute("ROLLBACK");
    }

    /// <summary>Counts what was staged; after the commit.</summary>
    public void Committed()
    {
        Names.Commit();
        Counts.Commit();
    }

    /// <summary>Does something in a transaction of its own.</summary>
    /// <param name="work">What.</param>
    /// <param name="keep">Whether to commit, by the result. Default always.</param>
    public T InTransaction<T>(Func<T> work, Func<T, bool>? keep = null)
    {
        var nextSeq = NextSeq;
        Begin();
        try
        {
            var result = work();
            if (keep?.Invoke(result) == false)
            {
                Rollback(nextSeq);
                return result;
            }

            Commit();
            Committed();
            return result;
        }
        catch
        {
            Rollback(nextSeq);
            throw;
        }
    }

    /// <summary>Writes something that changes nothing: to see whether writing works.</summary>
    public void Probe() => _probe.Run();

    public void SaveFreshFrom(long row) => _saveFreshFrom.Bind(1, row).Run();

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)
            [_begin, _commit, _probe, _saveFreshFrom, Books, Order, Events, Settlements, Due, Remover, Replays, BulkReplays, Pauses])
            statement.Dispose();

        Connection.Dispose();
    }

    /// <summary>
    /// After a failed fsync the log may be whole in the page cache and not on disk. Moving it into the database file writes
    /// it again, and emptying it proves that nothing of it is needed any more. At a start there is no such doubt, and a backup
    /// that reads at that moment must not prevent it.
    /// </summary>
    private static void EmptyLog(SqliteConnection connection, bool mayFail)
    {
        try
        {
            Checkpointer.Truncate(connection);
        }
        catch (SqliteException e) when (mayFail && e.SqliteErrorCode == raw.SQLITE_BUSY)
        {
        }
    }
}

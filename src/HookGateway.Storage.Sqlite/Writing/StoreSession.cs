using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// The writer's connection from one opening of the file to its closing, with its prepared statements and what was read from
/// the file. After an I/O error it is thrown away and another one takes its place.
/// <para>
/// What groups write shares <see cref="Groups"/>; everything else has a transaction of its own, after that one's commit
/// (<see cref="InTransaction"/>). Writer thread only.
/// </para>
/// </summary>
internal sealed class StoreSession : IDisposable
{
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _probe;
    private readonly SqliteStatement _saveFreshFrom;
    private JournalWriter? _journal;

    private StoreSession(SqliteConnection connection, StoreMemory memory, JournalSegments segments)
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
        Groups = new GroupTransaction(connection, _begin, _commit, Events, Books, Names, Counts);
        Settlements = new SettlementWriter(connection, Events, Books, Order);
        Due = new DueReader(connection, memory, Names, segments);
        Remover = new EventRemover(connection, Books);
        Replays = new ReplayWriter(connection, Events, Books, Order);
        BulkReplays = new BulkReplayWriter(connection, Replays, Books);
        Pauses = new PauseWriter(connection, Names, Events);
        Coalesced = new CoalesceWriter(connection, memory, segments, Events, Books);
        States = new StateWriter(connection);
    }

    public SqliteConnection Connection { get; }

    public NameTable Names { get; }

    public DestinationCounts Counts { get; }

    public Books Books { get; }

    public OrderWriter Order { get; }

    public EventInserter Events { get; }

    /// <summary>The transaction that is open over many groups.</summary>
    public GroupTransaction Groups { get; }

    public SettlementWriter Settlements { get; }

    public DueReader Due { get; }

    public EventRemover Remover { get; }

    public ReplayWriter Replays { get; }

    public BulkReplayWriter BulkReplays { get; }

    public PauseWriter Pauses { get; }

    public CoalesceWriter Coalesced { get; }

    public StateWriter States { get; }

    public long NextSeq { get; set; }

    public JournalWriter Journal => _journal!;

    /// <summary>Opens the file and brings what is in memory up to what is on disk.</summary>
    /// <exception cref="IOException">The journal cannot be opened.</exception>
    public static StoreSession Open(StoreFile file, JournalSegments segments, StoreMemory memory, long now)
    {
        var first = memory.Epoch == 0;
        var connection = file.OpenWriter(create: first);
        StoreSession? session = null;
        try
        {
            EmptyLog(connection, mayFail: first);
            var recovery = new StoreRecovery(connection, memory);
            recovery.BeginEpoch();
            session = new StoreSession(connection, memory, segments) { NextSeq = recovery.ReadLastSeq() + 1 };
            recovery.ReadNames(session.Names);
            recovery.ReadMarks(now);
            var end = JournalRedo.Run(session, segments, recovery.ReadJournalAt(segments), memory, now);
            session._journal = new JournalWriter(segments, end);
            recovery.MakeFreshDue(now);
            recovery.ReadCounts(session.Counts);
            memory.CommittedSeq = session.NextSeq - 1;
            return session;
        }
        catch
        {
            // With its statements: while one is left, SQLite keeps the transaction, and the file locked.
            session?.Dispose();
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Undoes the open transaction, on disk and in the numbers that went with it.</summary>
    private void Rollback(long nextSeq)
    {
        NextSeq = nextSeq;
        Events.DiscardMarks();
        Names.Discard();
        Counts.Discard();
        Books.Discard();

        // SQLite itself has rolled back after some errors.
        if (raw.sqlite3_get_autocommit(Connection.Handle!) == 0)
            Connection.Execute("ROLLBACK");
    }

    /// <summary>Does something in a transaction of its own.</summary>
    /// <param name="work">What.</param>
    /// <param name="keep">Whether to commit, by the result. Default always.</param>
    public T InTransaction<T>(Func<T> work, Func<T, bool>? keep = null)
    {
        Groups.Commit();
        var nextSeq = NextSeq;
        _begin.Run();
        try
        {
            var result = work();
            if (keep?.Invoke(result) == false)
            {
                Rollback(nextSeq);
                return result;
            }

            Books.Flush();
            _commit.Run();
            Names.Commit();
            Counts.Commit();
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
            [_begin, _commit, _probe, _saveFreshFrom, Groups, Books, Order, Events, Settlements, Due, Remover, Replays, BulkReplays, Pauses, Coalesced, States])
            statement.Dispose();

        _journal?.Dispose();
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

using System.Diagnostics;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Store;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// The writer's connection from one opening of the file to its closing, with its prepared statements and what was read from
/// the file. After an I/O error it is thrown away and another one takes its place.
/// <para>
/// Its transaction stays open over many groups: each is in the journal already, and what is not committed is done again from
/// there. Everything else that writes has a transaction of its own, after that one's commit. Writer thread only.
/// </para>
/// </summary>
internal sealed class StoreSession : IDisposable
{
    private const int MostRowsOpen = 4096;

    private static readonly TimeSpan LongestOpen = TimeSpan.FromMilliseconds(100);

    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _probe;
    private readonly SqliteStatement _saveFreshFrom;
    private readonly SqliteStatement _saveJournalAt;
    private readonly SqliteStatement _segment;
    private JournalWriter? _journal;
    private JournalPlace _applied;
    private int _lastSegment;
    private int _rowsOpen;

    private StoreSession(SqliteConnection connection, StoreMemory memory, JournalSegments segments)
    {
        Connection = connection;
        _begin = new(connection, "BEGIN IMMEDIATE");
        _commit = new(connection, "COMMIT");
        _probe = new(connection, "UPDATE meta SET epoch = epoch WHERE id = 1");
        _saveFreshFrom = new(connection, "UPDATE meta SET fresh_from = ?1 WHERE id = 1");
        _saveJournalAt = new(connection, "UPDATE meta SET journal_at = ?1 WHERE id = 1");
        _segment = new(connection, "INSERT OR IGNORE INTO segments VALUES (?1, ?2, ?3, NULL)");
        Names = new NameTable();
        Counts = new DestinationCounts();
        Books = new Books(connection, Counts);
        Order = new OrderWriter(connection, Counts);
        Events = new EventInserter(connection, Names, Books, Order);
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

    /// <summary>
    /// When the open transaction is to be committed, as a time stamp of <see cref="Stopwatch"/>; <see langword="null"/> where none is open.
    /// </summary>
    public long? CommitAt { get; private set; }

    /// <summary>Whether a group was not written wholly, or a commit failed: the session is not to be used any more.</summary>
    public bool IsBroken { get; private set; }

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
            session.Redo(segments, recovery.ReadJournalAt(segments), memory, now);
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

    /// <summary>Begins what a group changes, in the transaction that is open or a new one.</summary>
    /// <param name="segment">The journal's file that it is in.</param>
    /// <param name="firstSeq">The first row that can be in that file, where nothing is yet.</param>
    /// <param name="now">The time.</param>
    public void BeginGroup(int segment, long firstSeq, long now)
    {
        // Until it has ended.
        IsBroken = true;
        CheckOpen();
        if (CommitAt is null)
        {
            _begin.Run();
            CommitAt = Stopwatch.GetTimestamp() + (long)(LongestOpen.TotalSeconds * Stopwatch.Frequency);
        }

        if (segment == _lastSegment)
            return;

        _segment.Bind(1, (long)segment).Bind(2, firstSeq).Bind(3, now).Run();
        _lastSegment = segment;
    }

    /// <summary>Puts a fresh delivery into the index of due ones; whoever holds it goes on holding it.</summary>
    public void Demote(DemotedDelivery demoted)
    {
        Events.FlushFresh(demoted.Row);
        Settlements.Demote(demoted.Row, demoted.Now);
    }

    /// <summary>Ends it: all of it is in the open transaction.</summary>
    public void EndGroup(int rows)
    {
        _applied = Journal.At;
        _rowsOpen += rows;
        if (_rowsOpen >= MostRowsOpen)
            CommitAt = 0;

        Names.Commit();
        Counts.Commit();
        IsBroken = false;
    }

    /// <summary>Commits what groups have changed, if they have.</summary>
    /// <exception cref="SqliteException">It failed: the session is not to be used any more, and the journal has it all.</exception>
    public void CommitGroups()
    {
        if (CommitAt is null)
            return;

        IsBroken = true;
        CheckOpen();
        Events.FlushFresh();
        Events.FlushMarks();
        Books.Flush();
        _saveJournalAt.Bind(1, _applied.Value).Run();
        _commit.Run();
        (CommitAt, _rowsOpen, IsBroken) = (null, 0, false);
    }

    /// <summary>Writes what the open transaction keeps for its end as yet, so that it can be read.</summary>
    /// <exception cref="SqliteException">It failed: the session is not to be used any more.</exception>
    public void FlushGroups()
    {
        if (CommitAt is null)
            return;

        IsBroken = true;
        CheckOpen();
        Events.FlushFresh();
        IsBroken = false;
    }

    /// <summary>
    /// After some errors, also of a mere reading on a full disk, SQLite has rolled back by itself. What came next would be written
    /// for good, each statement alone, and what the journal has of before it would be taken for written.
    /// </summary>
    private void CheckOpen()
    {
        if (CommitAt is not null && raw.sqlite3_get_autocommit(Connection.Handle!) != 0)
            throw new SqliteException("the open transaction was rolled back", raw.SQLITE_ABORT);
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
        CommitGroups();
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
            [_begin, _commit, _probe, _saveFreshFrom, _saveJournalAt, _segment, Books, Order, Events, Settlements, Due, Remover, Replays, BulkReplays, Pauses, Coalesced, States])
            statement.Dispose();

        _journal?.Dispose();
        Connection.Dispose();
    }

    /// <summary>Does again what the journal has and the database has not, and opens the journal behind it.</summary>
    private void Redo(JournalSegments segments, JournalPlace from, StoreMemory memory, long now)
    {
        _applied = from;
        segments.Sync(from);
        var started = new List<(int, bool)>();
        foreach (var (place, payload) in segments.ReadFrom(from))
        {
            using var record = new BinaryReader(new MemoryStream(payload));
            var kind = record.ReadByte();
            if (kind == AcceptedEvent.Kind)
            {
                var accepted = AcceptedEvent.Read(record);

                // Rows rise: this one is left of a group that failed, and whose beginning was written over.
                if (accepted.Seq < NextSeq)
                    break;

                BeginGroup(place.Segment, accepted.Seq, now);
                Events.Insert(accepted, place, started);
                NextSeq = accepted.Seq + 1;
                memory.Ids.ContinueAfter(accepted.Event.Id);
                if (accepted.Seq > memory.CommittedSeq && accepted.Expires > now)
                    memory.Dedupe.Add(accepted.DedupeKey, accepted.Event.Id, accepted.Expires);
            }
            else
            {
                BeginGroup(place.Segment, NextSeq, now);
                if (kind == SettledDelivery.Kind)
                    Settlements.Write(SettledDelivery.Read(record), out _);
                else if (kind == DemotedDelivery.Kind)
                    Demote(DemotedDelivery.Read(record));
                else
                    throw new StoreException($"{segments.PathOf(place.Segment)} was written by a newer version of HookGateway: run that version.");
            }

            _applied = place.After(JournalRecord.HeaderBytes + payload.Length);
            if (++_rowsOpen == MostRowsOpen)
                CommitGroups();
        }

        CommitGroups();
        Names.Commit();

        // They are read as a whole afterwards.
        Counts.Discard();
        _journal = new JournalWriter(segments, _applied);
        IsBroken = false;
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

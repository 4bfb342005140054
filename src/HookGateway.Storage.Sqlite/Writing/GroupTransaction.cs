using System.Diagnostics;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// The transaction that groups are written into. It stays open over many of them: each is in the journal already, and what is not
/// committed is done again from there. Writer thread only.
/// </summary>
internal sealed class GroupTransaction(
    SqliteConnection connection, SqliteStatement begin, SqliteStatement commit, EventInserter events, Books books, NameTable names,
    DestinationCounts counts) : IDisposable
{
    private const int MostRows = 4096;

    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    private readonly SqliteStatement _saveJournalAt = new(connection, "UPDATE meta SET journal_at = ?1 WHERE id = 1");
    private readonly SqliteStatement _segment = new(connection, "INSERT OR IGNORE INTO segments VALUES (?1, ?2, ?3, NULL)");
    private JournalPlace _end;
    private int _lastSegment;
    private int _rows;

    /// <summary>
    /// When it is to be committed, as a time stamp of <see cref="Stopwatch"/>; <see langword="null"/> where none is open.
    /// </summary>
    public long? CommitAt { get; private set; }

    /// <summary>Whether it is time to commit it.</summary>
    public bool IsDue => CommitAt <= Stopwatch.GetTimestamp();

    /// <summary>Whether a group was not written wholly, or a commit failed: the session is not to be used any more.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Begins what a group changes, in the transaction that is open or a new one.</summary>
    /// <param name="segment">The journal's file that it is in.</param>
    /// <param name="firstSeq">The first row that can be in that file, where nothing is yet.</param>
    /// <param name="now">The time.</param>
    public void Begin(int segment, long firstSeq, long now)
    {
        // Until it has ended.
        IsBroken = true;
        CheckOpen();
        if (CommitAt is null)
        {
            begin.Run();
            CommitAt = Stopwatch.GetTimestamp() + (long)(Longest.TotalSeconds * Stopwatch.Frequency);
        }

        if (segment == _lastSegment)
            return;

        _segment.Bind(1, (long)segment).Bind(2, firstSeq).Bind(3, now).Run();
        _lastSegment = segment;
    }

    /// <summary>Ends it: all of it is in the open transaction.</summary>
    /// <param name="end">Where the journal goes on behind it.</param>
    /// <param name="rows">How many accepts and settlements it had.</param>
    public void End(JournalPlace end, int rows)
    {
        _end = end;
        _rows += rows;
        if (_rows >= MostRows)
            CommitAt = 0;

        names.Commit();
        counts.Commit();
        IsBroken = false;
    }

    /// <summary>Commits what groups have changed, if they have.</summary>
    /// <exception cref="SqliteException">It failed: the session is not to be used any more, and the journal has it all.</exception>
    public void Commit()
    {
        if (CommitAt is null)
            return;

        IsBroken = true;
        CheckOpen();
        events.FlushFresh();
        events.FlushMarks();
        books.Flush();
        _saveJournalAt.Bind(1, _end.Value).Run();
        commit.Run();
        (CommitAt, _rows, IsBroken) = (null, 0, false);
    }

    /// <summary>Writes what is kept for the commit as yet, so that it can be read.</summary>
    /// <exception cref="SqliteException">It failed: the session is not to be used any more.</exception>
    public void Flush()
    {
        if (CommitAt is null)
            return;

        IsBroken = true;
        CheckOpen();
        events.FlushFresh();
        IsBroken = false;
    }

    public void Dispose()
    {
        _saveJournalAt.Dispose();
        _segment.Dispose();
    }

    /// <summary>
    /// After some errors, also of a mere reading on a full disk, SQLite has rolled back by itself. What came next would be written
    /// for good, each statement alone, and what the journal has of before it would be taken for written.
    /// </summary>
    private void CheckOpen()
    {
        if (CommitAt is not null && raw.sqlite3_get_autocommit(connection.Handle!) != 0)
            throw new SqliteException("the open transaction was rolled back", raw.SQLITE_ABORT);
    }
}

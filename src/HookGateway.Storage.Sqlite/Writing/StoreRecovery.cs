using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// What is read from the file when it is opened. Nothing here reads events or deliveries as a whole, so the time it takes
/// does not grow with what is stored; only with what is owed and with the marks that have not expired.
/// </summary>
internal sealed class StoreRecovery(SqliteConnection connection, StoreMemory memory)
{
    /// <summary>Counts this opening, the process's first one; leases of earlier ones are void from here on.</summary>
    public void BeginEpoch()
    {
        if (memory.Epoch > 0)
            return;

        connection.Execute("UPDATE meta SET epoch = epoch + 1 WHERE id = 1");
        memory.Epoch = connection.Scalar("SELECT epoch FROM meta WHERE id = 1");
    }

    /// <summary>Up to where the database has what is in the journal; begins one where there is none.</summary>
    /// <exception cref="StoreException">The journal is not there, or is another database's.</exception>
    public JournalPlace ReadJournalAt(JournalSegments segments)
    {
        var place = new JournalPlace(connection.Scalar("SELECT journal_at FROM meta WHERE id = 1"));
        if (place == JournalPlace.None && segments.HoldsAny)
        {
            throw new StoreException(
                $"{Path.GetDirectoryName(segments.PathOf(1))} holds the events of another database: move it away together with that one.");
        }

        // The first file is made on its first use.
        if (place != JournalPlace.None && place != JournalSegments.First && !segments.Exists(place.Segment))
        {
            throw new StoreException(
                $"{segments.PathOf(place.Segment)} is missing: the database and its events belong together; restore both from the same backup.");
        }

        if (place != JournalPlace.None)
            return place;

        connection.Execute($"UPDATE meta SET journal_at = {JournalSegments.First.Value} WHERE id = 1");
        return JournalSegments.First;
    }

    /// <summary>
    /// Makes due what was leased in the commit that made it and is held by nobody now: left by an earlier process, or by a
    /// commit that was reported as failed and is there all the same.
    /// </summary>
    public void MakeFreshDue(long now)
    {
        var from = connection.Scalar("SELECT fresh_from FROM meta WHERE id = 1");
        var left = new List<long>();
        using (var fresh = new SqliteStatement(connection, "SELECT row FROM deliveries WHERE row >= ?1 AND state = 0 AND due_ms IS NULL"))
        {
            fresh.Bind(1, from);
            while (fresh.Step())
            {
                if (!memory.Leases.Contains(fresh.Int64(0)))
                    left.Add(fresh.Int64(0));
            }
        }

        using var transaction = connection.BeginTransaction();
        using var makeDue = new SqliteStatement(connection, "UPDATE deliveries SET due_ms = ?2 WHERE row = ?1");
        foreach (var row in left)
            makeDue.Bind(1, row).Bind(2, now).Run();

        transaction.Commit();
    }

    /// <summary>The last number given out, also where retention has deleted that event; the ids go on after it.</summary>
    public long ReadLastSeq()
    {
        using var last = new SqliteStatement(
            connection,
            "SELECT last_seq, last_id FROM meta UNION ALL SELECT * FROM (SELECT seq, id FROM events ORDER BY seq DESC LIMIT 1)");
        var seq = 0L;
        while (last.Step())
        {
            seq = Math.Max(seq, last.Int64(0));
            memory.Ids.ContinueAfter(new EventId(new Guid(last.Blob(1), bigEndian: true)));
        }

        return seq;
    }

    public void ReadNames(NameTable names)
    {
        using var rows = new SqliteStatement(connection, "SELECT id, kind, text FROM names");
        while (rows.Step())
            names.Load(rows.Int32(0), (NameKind)rows.Int32(1), rows.Text(2)!);
    }

    public void ReadCounts(DestinationCounts counts)
    {
        // All are read from the indexes alone; the rows themselves would be read one by one.
        Read("SELECT destination, count(*), 0, 0 FROM deliveries INDEXED BY deliveries_owed WHERE due_ms IS NOT NULL GROUP BY 1");
        Read(
            """
            SELECT destination, 0, count(*), sum(EXISTS (SELECT 1 FROM ordered o WHERE o.row = deliveries.row))
            FROM deliveries INDEXED BY deliveries_dead WHERE state = 3 GROUP BY 1
            """);

        // What this process holds fresh after a reopening is in no index.
        using var fresh = new SqliteStatement(
            connection, "SELECT destination FROM deliveries WHERE row = ?1 AND state = 0 AND due_ms IS NULL");
        foreach (var row in memory.Leases.Fresh())
        {
            if (!fresh.Bind(1, row).Step())
                continue;

            counts.Stage(fresh.Int32(0), pending: 1, dead: 0);
            fresh.Reset();
        }

        counts.Commit();

        void Read(string sql)
        {
            using var rows = new SqliteStatement(connection, sql);
            while (rows.Step())
                counts.Stage(rows.Int32(0), rows.Int64(1), rows.Int64(2), rows.Int64(3));
        }
    }

    /// <summary>Reads the marks of what was committed since memory was last told: all of them at the first opening.</summary>
    public void ReadMarks(long now)
    {
        using var size = new SqliteStatement(
            connection, "SELECT sum(length(marks)) FROM marks WHERE expires_ms > ?1 AND first_seq > ?2");
        size.Bind(1, now).Bind(2, memory.CommittedSeq).Step();
        memory.Dedupe.Reserve(size.Int64(0) / MarkRow.Bytes);
        size.Reset();

        using var rows = new SqliteStatement(
            connection, "SELECT expires_ms, marks FROM marks WHERE expires_ms > ?1 AND first_seq > ?2");
        rows.Bind(1, now).Bind(2, memory.CommittedSeq);
        while (rows.Step())
        {
            var expires = rows.Int64(0);
            for (var marks = rows.Blob(1); marks.Length >= MarkRow.Bytes; marks = marks[MarkRow.Bytes..])
            {
                var (key, id) = MarkRow.Read(marks);
                memory.Dedupe.Add(key, id, expires);
            }
        }
    }
}

using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Storage.Sqlite.Writing;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>
/// Holds the books against the tables, in one snapshot beside the writer.
/// </summary>
internal sealed class Auditor(SqliteStoreOptions options, StoreFile file, JournalSegments segments, StoreWriter writer, LeaseTable leases)
{
    // Until all is read, the log beside it can only grow: a busy writer has written some 60 MB by then.
    private static readonly TimeSpan GentleFor = TimeSpan.FromSeconds(10);

    public async Task<AuditReport> RunAsync(CancellationToken cancellationToken)
    {
        var (report, unheld) = await BackgroundThread
            .RunAsync(() => Read(Pace.Of(options, GentleFor, cancellationToken)), cancellationToken).ConfigureAwait(false);
        if (unheld.Count == 0)
            return report;

        // Whether somebody holds them is known only between two commits.
        var forgotten = await writer.RunAsync(s => CountForgotten(s.Connection, unheld), cancellationToken).ConfigureAwait(false);
        return report with { Forgotten = report.Forgotten + forgotten };
    }

    private (AuditReport Report, List<long> Unheld) Read(Pace pace)
    {
        using var connection = file.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);
        var names = EventScan.ReadNames(connection);
        using var tally = new Tally(connection, segments);
        tally.Run(pace);
        return (
            new AuditReport
            {
                Sources = ReadSources(connection, names, tally.Sources),
                Destinations = ReadDestinations(connection, names, tally.Destinations),
                UnevenEvents = tally.Uneven,
                Orphans = tally.Orphans,
                UnevenReplays = CountUneven(connection, tally.Replays),
                Forgotten = tally.Astray + CountStuck(connection),
                LostSuccessors = CountLost(connection, tally.Sources.Values.Sum(s => s.Superseded)),
                ForgottenHeld = CountForgottenHeld(connection, tally.Held),
            },
            tally.Unheld);
    }

    /// <summary>Holds what is pending of each bulk replay against what it counted.</summary>
    private static long CountUneven(SqliteConnection connection, Dictionary<long, long> found)
    {
        var uneven = 0L;
        using var rows = new SqliteStatement(connection, "SELECT id, made - delivered - dead FROM replays");
        while (rows.Step())
        {
            found.Remove(rows.Int64(0), out var there);
            uneven += Math.Abs(rows.Int64(1) - there);
        }

        return uneven + found.Values.Sum();
    }

    private long CountForgotten(SqliteConnection connection, List<long> rows)
    {
        using var owed = new SqliteStatement(connection, "SELECT 1 FROM deliveries WHERE row = ?1 AND state < 2 AND due_ms IS NULL");
        var forgotten = 0;
        foreach (var row in rows)
        {
            if (!leases.Contains(row) && owed.Bind(1, row).Step())
                forgotten++;

            owed.Reset();
        }

        return forgotten;
    }

    /// <summary>
    /// Places in an order that will let nobody go: of a delivery that is gone or has ended, or of a head that waits itself.
    /// </summary>
    private static long CountStuck(SqliteConnection connection) => connection.Scalar(
        $"""
        WITH placed AS (
          SELECT d.state, d.due_ms, row_number() OVER (PARTITION BY o.destination, o.source, o.key ORDER BY o.row) AS place
          FROM ordered o LEFT JOIN deliveries d ON d.row = o.row)
        SELECT count(*) FROM placed WHERE state IS NULL OR state = 2 OR (place = 1 AND due_ms = {DeliveryRow.Waiting})
        """);

    /// <summary>Of the superseded events those that no event which went out stands for.</summary>
    private static long CountLost(SqliteConnection connection, long superseded) => superseded - connection.Scalar(
        $"""
        SELECT count(*) FROM superseded JOIN events e ON e.seq = superseded.seq JOIN events s ON s.seq = successor
        WHERE e.disposition = {(int)Disposition.Superseded} AND s.disposition < {(int)Disposition.Held}
        """);

    /// <summary>Of the held events those that no key with a time to go out refers to.</summary>
    private static long CountForgottenHeld(SqliteConnection connection, HashSet<long> held)
    {
        using var rows = new SqliteStatement(connection, "SELECT events FROM coalesced WHERE release_ms IS NOT NULL");
        while (held.Count > 0 && rows.Step())
            held.ExceptWith(CoalescedRow.Read(rows.Blob(0)).Values.Select(referred => referred.Seq));

        rows.Reset();
        return held.Count;
    }

    private static List<SourceBooks> ReadSources(
        SqliteConnection connection, Dictionary<int, string> names, Dictionary<int, EventCounts> found)
    {
        var counted = new Dictionary<int, EventCounts>();
        using var rows = new SqliteStatement(connection, "SELECT source, accepted, routed, unrouted, filtered, purged, superseded, held FROM source_books");
        while (rows.Step())
        {
            counted[rows.Int32(0)] = new EventCounts
            {
                Accepted = rows.Int64(1),
                Routed = rows.Int64(2),
                Unrouted = rows.Int64(3),
                Filtered = rows.Int64(4),
                Purged = rows.Int64(5),
                Superseded = rows.Int64(6),
                Held = rows.Int64(7),
            };
        }

        return [.. counted.Keys.Union(found.Keys).Select(source =>
        {
            var (books, there) = (counted.GetValueOrDefault(source), found.GetValueOrDefault(source));
            var sum = there.Routed + there.Unrouted + there.Filtered + there.Superseded + there.Held + books.Purged;
            return new SourceBooks(NameOf(names, source), books, there with { Accepted = sum, Purged = books.Purged });
        }).OrderBy(s => s.Source, StringComparer.Ordinal)];
    }

    private static List<DestinationBooks> ReadDestinations(
        SqliteConnection connection, Dictionary<int, string> names, Dictionary<int, DeliveryCounts> found)
    {
        var counted = new Dictionary<int, DeliveryCounts>();
        using var rows = new SqliteStatement(
            connection, "SELECT destination, owed, pending, delivered, dead, purged FROM destination_books");
        while (rows.Step())
        {
            counted[rows.Int32(0)] = new DeliveryCounts
            {
                Owed = rows.Int64(1),
                Pending = rows.Int64(2),
                Delivered = rows.Int64(3),
                Dead = rows.Int64(4),
                Purged = rows.Int64(5),
            };
        }

        return [.. counted.Keys.Union(found.Keys).Select(destination =>
        {
            var (books, there) = (counted.GetValueOrDefault(destination), found.GetValueOrDefault(destination));
            var sum = there.Pending + there.Delivered + there.Dead + books.Purged;
            return new DestinationBooks(NameOf(names, destination), books, there with { Owed = sum, Purged = books.Purged });
        }).OrderBy(d => d.Destination, StringComparer.Ordinal)];
    }

    // A number without a name is itself a sign of damage, and must not keep the audit from telling.
    private static string NameOf(Dictionary<int, string> names, int id) => names.GetValueOrDefault(id, $"(unknown {id})");
}

using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Reads what a source sent of its keys, beside the writer. It goes along the table, a bounded way each time.</summary>
internal sealed class KeyedReader(StoreFile file, JournalSegments journal)
{
    private const int PageRows = 10_000;
    private const long PageBytes = 4 * 1024 * 1024;

    /// <param name="source">The source's name.</param>
    /// <param name="from">The earliest acceptance.</param>
    /// <param name="to">The acceptance before which they are.</param>
    /// <param name="cursor">The row to begin with.</param>
    public KeyedEventPage Read(string source, DateTimeOffset from, DateTimeOffset to, long? cursor)
    {
        using var connection = file.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);
        var begin = cursor ?? EventIdSearch.FirstAt(connection, from);
        var end = EventIdSearch.FirstAt(connection, to);
        if (begin >= end)
            return new KeyedEventPage([], Next: null);

        var last = Math.Min(end, begin + PageRows);
        using var rows = new SqliteStatement(
            connection,
            $"""
            SELECT seq FROM events
            WHERE seq >= ?1 AND seq < ?2 AND key IS NOT NULL
              AND source = (SELECT id FROM names WHERE kind = {(int)NameKind.Source} AND text = ?3)
            ORDER BY seq
            """);
        using var row = new SqliteStatement(connection, $"SELECT {EventRow.Columns} FROM events e WHERE seq = ?1");
        using var bodies = new JournalBodies(journal);
        rows.Bind(1, begin).Bind(2, last).Bind(3, source);
        var found = new List<WebhookEvent>();
        for (var bytes = 0L; bytes < PageBytes && rows.Step();)
        {
            row.Bind(1, rows.Int64(0)).Step();
            found.Add(EventRow.Read(row, bodies).Event);
            row.Reset();
            bytes += found[^1].Size;
            if (bytes >= PageBytes)
                last = rows.Int64(0) + 1;
        }

        rows.Reset();
        return new KeyedEventPage(found, last < end ? Cursor.Write(last) : null);
    }
}

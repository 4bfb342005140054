using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Reads the keys of coalescing sources, beside the writer: what has changed since is found when the step is written.</summary>
internal sealed class CoalescedReader(StoreFile file)
{
    public CoalescedKey? Find(string source, string key)
    {
        using var connection = file.OpenReader();
        using var row = new SqliteStatement(
            connection,
            $"""
            SELECT version, state, events, release_ms FROM coalesced
            WHERE source = (SELECT id FROM names WHERE kind = {(int)NameKind.Source} AND text = ?1) AND key = ?2
            """);
        if (!row.Bind(1, source).Bind(2, key).Step())
            return null;

        return new CoalescedKey(
            row.Int64(0), row.Blob(1).ToArray(), CoalescedRow.Read(row.Blob(2)).ToDictionary(pair => pair.Key, pair => pair.Value.Id),
            Time(row.NullableInt64(3)));
    }

    public HeldKeys List(DateTimeOffset dueBy, int limit, IReadOnlyCollection<string> notOf)
    {
        using var connection = file.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);
        var by = dueBy.ToUnixTimeMilliseconds();
        using var rows = new SqliteStatement(
            connection,
            """
            SELECT (SELECT text FROM names WHERE id = source), key FROM coalesced INDEXED BY coalesced_release
            WHERE release_ms IS NOT NULL AND release_ms <= ?1 ORDER BY release_ms
            """);
        var due = new List<HeldKey>();
        rows.Bind(1, by);
        while (due.Count < limit && rows.Step())
        {
            var found = new HeldKey(rows.Text(0)!, rows.Text(1)!);
            if (!notOf.Contains(found.Source))
                due.Add(found);
        }

        rows.Reset();
        return new HeldKeys(due, NextAfter(connection, by), ReadHeld(connection));
    }

    private static DateTimeOffset? NextAfter(SqliteConnection connection, long by)
    {
        using var next = new SqliteStatement(
            connection, "SELECT release_ms FROM coalesced INDEXED BY coalesced_release WHERE release_ms > ?1 ORDER BY release_ms LIMIT 1");
        return next.Bind(1, by).Step() ? Time(next.Int64(0)) : null;
    }

    private static Dictionary<string, long> ReadHeld(SqliteConnection connection)
    {
        var held = new Dictionary<string, long>();
        using var rows = new SqliteStatement(connection, "SELECT (SELECT text FROM names WHERE id = source), held FROM source_books WHERE held > 0");
        while (rows.Step())
            held.Add(rows.Text(0)!, rows.Int64(1));

        return held;
    }

    private static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is { } given ? DateTimeOffset.FromUnixTimeMilliseconds(given) : null;
}

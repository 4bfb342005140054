using System.Text.Json;
using System.Text.Json.Serialization;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Rows;

/// <summary>How a bulk replay lies in its row.</summary>
/// <param name="Replay">What callers see of it.</param>
/// <param name="Cursor">The last event behind it.</param>
/// <param name="Until">The last event that it looks at.</param>
internal sealed partial record BulkReplayRow(BulkReplay Replay, long Cursor, long Until)
{
    private const string Columns =
        "id, request, state, reason, created_ms, ended_ms, first, cursor, until, matched, skipped, made, delivered, dead";

    public static BulkReplayRow? Find(SqliteConnection connection, long id)
    {
        using var row = new SqliteStatement(connection, $"SELECT {Columns} FROM replays WHERE id = ?1");
        return row.Bind(1, id).Step() ? Read(row) : null;
    }

    /// <summary>All, the newest first.</summary>
    public static List<BulkReplay> List(SqliteConnection connection)
    {
        var all = new List<BulkReplay>();
        using var rows = new SqliteStatement(connection, $"SELECT {Columns} FROM replays ORDER BY id DESC");
        while (rows.Step())
            all.Add(Read(rows).Replay);

        return all;
    }

    public static string Write(BulkReplayRequest request) => JsonSerializer.Serialize(request, RequestLayout.Default.BulkReplayRequest);

    private static BulkReplayRow Read(SqliteStatement row)
    {
        var (first, cursor, until) = (row.Int64(6), row.Int64(7), row.Int64(8));
        var replay = new BulkReplay
        {
            Id = row.Int64(0),
            Request = JsonSerializer.Deserialize(row.Text(1)!, RequestLayout.Default.BulkReplayRequest)!,
            State = (BulkReplayState)row.Int32(2),
            Reason = row.Text(3),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(4)),
            EndedAt = row.NullableInt64(5) is { } ended ? DateTimeOffset.FromUnixTimeMilliseconds(ended) : null,
            Total = until - first + 1,
            Scanned = cursor - first + 1,
            Matched = row.Int64(9),
            Skipped = row.Int64(10),
            Made = row.Int64(11),
            Delivered = row.Int64(12),
            Dead = row.Int64(13),
        };
        return new BulkReplayRow(replay, cursor, until);
    }

    [JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(BulkReplayRequest))]
    private sealed partial class RequestLayout : JsonSerializerContext;
}

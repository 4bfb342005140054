using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Reads what a bulk replay comes to next, beside the writer: along the table, or along the index of dead deliveries.</summary>
internal sealed class BulkReplayReader(StoreFile file)
{
    /// <summary>So many bytes of bodies for one page: the row of each event is written anew, with its body.</summary>
    private const long PageBytes = 4 * 1024 * 1024;

    public BulkReplay? Find(long id)
    {
        using var connection = file.OpenReader();
        return BulkReplayRow.Find(connection, id)?.Replay;
    }

    public List<BulkReplay> List()
    {
        using var connection = file.OpenReader();
        return BulkReplayRow.List(connection);
    }

    /// <returns><see langword="null"/> where it is not running.</returns>
    public BulkReplayPage? Read(long id, int limit)
    {
        using var connection = file.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);
        if (BulkReplayRow.Find(connection, id) is not { Replay: { State: BulkReplayState.Running } replay } at)
            return null;

        using var scan = new EventScan(connection, replay.Request.Filter);
        using var rows = replay.Request.OnlyDead ? DeadOnes(connection, replay, at) : Ahead(connection, at);
        var (found, next) = scan.Read(rows, limit, PageBytes);
        return new BulkReplayPage(replay, found, Cursor.Write(at.Cursor), Cursor.Write(next ?? at.Until));
    }

    private static SqliteStatement Ahead(SqliteConnection connection, BulkReplayRow at) => new SqliteStatement(
        connection, $"SELECT {EventScan.Columns} FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq")
        .Bind(1, at.Cursor).Bind(2, at.Until);

    // Few of many: the index of the dead leads to them, and the join keeps to its order.
    private static SqliteStatement DeadOnes(SqliteConnection connection, BulkReplay replay, BulkReplayRow at) => new SqliteStatement(
        connection,
        $"""
        SELECT {EventScan.Columns} FROM deliveries INDEXED BY deliveries_dead CROSS JOIN events ON seq = row / {DeliveryRow.First(1)}
        WHERE destination = (SELECT id FROM names WHERE kind = {(int)NameKind.Destination} AND text = ?3)
          AND deliveries.state = 3 AND row BETWEEN ?1 AND ?2
        ORDER BY row
        """)
        .Bind(1, DeliveryRow.First(at.Cursor + 1)).Bind(2, DeliveryRow.Last(at.Until)).Bind(3, replay.Request.Filter.Destination);
}

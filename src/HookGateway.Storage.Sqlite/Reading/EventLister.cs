using HookGateway.Storage.Sqlite.Files;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Lists events beside the writer, the newest first. It goes along the table, a bounded way each time.</summary>
internal sealed class EventLister(StoreFile file)
{
    /// <param name="filter">Which events.</param>
    /// <param name="before">The row before which to begin.</param>
    /// <param name="limit">At most so many.</param>
    public EventPage List(EventFilter filter, long before, int limit)
    {
        using var connection = file.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);
        if (filter.To is { } to)
            before = Math.Min(before, EventIdSearch.FirstAt(connection, to));

        var from = filter.From is { } time ? EventIdSearch.FirstAt(connection, time) : 0;
        using var scan = new EventScan(connection, filter);
        using var rows = new SqliteStatement(
            connection, $"SELECT {EventScan.Columns} FROM events WHERE seq < ?1 AND seq >= ?2 ORDER BY seq DESC");
        var (found, last) = scan.Read(rows.Bind(1, before).Bind(2, from), limit);
        return new EventPage(found, last is { } row ? Cursor.Write(row) : null);
    }
}

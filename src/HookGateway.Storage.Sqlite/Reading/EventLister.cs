using HookGateway.Events;
using HookGateway.Route;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Lists events beside the writer, the newest first. It goes along the table, a bounded way each time.</summary>
internal sealed class EventLister(StoreFile file)
{
    /// <summary>So many events are looked at for one page.</summary>
    internal const int ScanRows = 10_000;

    /// <param name="filter">Which events.</param>
    /// <param name="before">The row before which to begin.</param>
    /// <param name="limit">At most so many.</param>
    public EventPage List(EventFilter filter, long before, int limit)
    {
        using var connection = file.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);
        using var page = new PageReader(connection, filter);
        if (filter.To is { } to)
            before = Math.Min(before, EventIdSearch.FirstAt(connection, to));

        var from = filter.From is { } time ? EventIdSearch.FirstAt(connection, time) : 0;
        using var rows = new SqliteStatement(
            connection,
            $"""
            SELECT seq, id, source, name, source_id, key, received_ms, disposition, length(body)
            FROM events WHERE seq < ?1 AND seq >= ?2 ORDER BY seq DESC LIMIT {ScanRows}
            """);
        return page.Read(rows.Bind(1, before).Bind(2, from), limit);
    }

    private sealed class PageReader(SqliteConnection connection, EventFilter filter) : IDisposable
    {
        private readonly Dictionary<int, string> _names = ReadNames(connection);
        private readonly Glob? _event = filter.Event is { } pattern ? new Glob(pattern) : null;

        private readonly SqliteStatement _deliveries = new(
            connection, "SELECT destination, state, attempts, replay IS NOT NULL FROM deliveries WHERE row BETWEEN ?1 AND ?2 ORDER BY row");

        public EventPage Read(SqliteStatement rows, int limit)
        {
            var found = new List<EventSummary>();
            var (seen, last) = (0, 0L);
            while (found.Count < limit && rows.Step())
            {
                seen++;
                last = rows.Int64(0);
                if (IsWanted(rows) && Summarize(rows) is { } summary)
                    found.Add(summary);
            }

            var more = found.Count == limit || seen == ScanRows;
            rows.Reset();
            return new EventPage(found, more ? Cursor.Write(last) : null);
        }

        public void Dispose() => _deliveries.Dispose();

        private bool IsWanted(SqliteStatement row) =>
            (filter.Source is null || filter.Source == _names[row.Int32(2)])
            && (_event is not { } glob || glob.Matches(row.Text(3)))
            && (filter.Key is null || filter.Key == row.Text(5));

        private EventSummary? Summarize(SqliteStatement row)
        {
            var deliveries = ReadDeliveries(row.Int64(0));
            var state = EventStanding.Of((Disposition)row.Int32(7), deliveries.Select(d => d.State));
            if (filter.State is { } wanted && wanted != state)
                return null;

            if (filter.Destination is { } destination && !deliveries.Exists(d => d.Destination == destination))
                return null;

            return new EventSummary
            {
                Id = new EventId(new Guid(row.Blob(1), bigEndian: true)),
                Source = _names[row.Int32(2)],
                Name = row.Text(3)!,
                SourceId = row.Text(4),
                Key = row.Text(5),
                ReceivedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(6)),
                State = state,
                BodySize = row.Int64(8),
                Deliveries = deliveries,
            };
        }

        private List<DeliverySummary> ReadDeliveries(long seq)
        {
            var deliveries = new List<DeliverySummary>();
            _deliveries.Bind(1, DeliveryRow.First(seq)).Bind(2, DeliveryRow.Last(seq));
            while (_deliveries.Step())
            {
                deliveries.Add(new DeliverySummary(
                    _names[_deliveries.Int32(0)], (DeliveryState)_deliveries.Int32(1), _deliveries.Int32(2), _deliveries.Int32(3) != 0));
            }

            return deliveries;
        }
    }

    /// <summary>The configured names, by their numbers.</summary>
    internal static Dictionary<int, string> ReadNames(SqliteConnection connection)
    {
        var names = new Dictionary<int, string>();
        using var rows = new SqliteStatement(connection, "SELECT id, text FROM names");
        while (rows.Step())
            names.Add(rows.Int32(0), rows.Text(1)!);

        return names;
    }
}

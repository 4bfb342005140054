using HookGateway.Events;
using HookGateway.Route;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Goes along events, whatever their order, and keeps those that meet a filter; times are the caller's bounds.</summary>
internal sealed class EventScan(SqliteConnection connection, EventFilter filter) : IDisposable
{
    /// <summary>So many events are looked at for one page.</summary>
    public const int MostRows = 10_000;

    /// <summary>The columns that <see cref="Read"/> expects, from 0.</summary>
    public const string Columns =
        $"""
        events.seq, id, source, name, source_id, key, received_ms, disposition, {EventRow.BodyLength}, trace, origin,
        iif(disposition = 4, (SELECT s.id FROM superseded JOIN events s ON s.seq = successor WHERE superseded.seq = events.seq), NULL)
        """;

    private readonly Dictionary<int, string> _names = ReadNames(connection);
    private readonly Glob? _event = filter.Event is { } pattern ? new Glob(pattern) : null;

    private readonly SqliteStatement _deliveries = new(
        connection, "SELECT destination, state, attempts, replay IS NOT NULL FROM deliveries WHERE row BETWEEN ?1 AND ?2 ORDER BY row");

    /// <summary>Reads a page.</summary>
    /// <param name="rows">The events, bound; an event that comes twice in a row counts once.</param>
    /// <param name="limit">At most so many that meet the filter.</param>
    /// <param name="bytes">No more once their bodies are as large as this.</param>
    /// <returns>What was found, and the last row looked at; <see langword="null"/> where that was the last there is.</returns>
    public (List<EventSummary> Found, long? Last) Read(SqliteStatement rows, int limit, long bytes = long.MaxValue)
    {
        var found = new List<EventSummary>();
        long? last = null;
        for (var seen = 0; rows.Step(); seen++)
        {
            if (seen == MostRows || found.Count == limit || bytes <= 0)
            {
                rows.Reset();
                return (found, last);
            }

            if (rows.Int64(0) == last)
                continue;

            last = rows.Int64(0);
            if (!IsWanted(rows) || Summarize(rows) is not { } summary)
                continue;

            found.Add(summary);
            bytes -= summary.BodySize;
        }

        return (found, null);
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
            Trace = TraceContext.Read(row.Blob(9)),
            BodySize = row.Int64(8),
            Origin = (EventOrigin)row.Int32(10),
            SupersededBy = row.IsNull(11) ? null : new EventId(new Guid(row.Blob(11), bigEndian: true)),
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

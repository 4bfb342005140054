using System.Runtime.InteropServices;
using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Counts what is there, for an audit: both tables side by side, and the body of every event that is still owed.</summary>
internal sealed class Tally(SqliteConnection connection, JournalSegments segments) : IDisposable
{
    private readonly SqliteStatement _events = new(connection, "SELECT seq, source, disposition, owed, at, size FROM events ORDER BY seq");

    private readonly JournalBodies _bodies = new(segments);

    private readonly SqliteStatement _deliveries = new(
        connection, $"""
        SELECT row, destination, state, due_ms IS NULL,
          due_ms = {DeliveryRow.Waiting} AND NOT EXISTS (SELECT 1 FROM ordered o WHERE o.row = deliveries.row), bulk
        FROM deliveries ORDER BY row
        """);

    private bool _more;
    private bool _isOwed;

    public Dictionary<int, EventCounts> Sources { get; } = [];

    public Dictionary<int, DeliveryCounts> Destinations { get; } = [];

    /// <summary>The rows of the events that are held.</summary>
    public HashSet<long> Held { get; } = [];

    /// <summary>The pending deliveries of each bulk replay.</summary>
    public Dictionary<long, long> Replays { get; } = [];

    public long Uneven { get; private set; }

    public long Orphans { get; private set; }

    /// <summary>Owed and without a due time: right only while somebody holds them.</summary>
    public List<long> Unheld { get; } = [];

    /// <summary>Those that wait in no order: nobody will make them due.</summary>
    public long Astray { get; private set; }

    /// <summary>Counts all.</summary>
    /// <param name="pace">At which it does.</param>
    public void Run(Pace pace)
    {
        _more = _deliveries.Step();
        while (_events.Step())
        {
            var seq = _events.Int64(0);
            Count(_events.Int32(1), (Disposition)_events.Int32(2));
            if ((Disposition)_events.Int32(2) == Disposition.Held)
                Held.Add(seq);

            Orphans += CountDeliveries(before: seq);
            _isOwed = false;
            if (CountDeliveries(before: seq + 1) != _events.Int64(3))
                Uneven++;

            // Read for the sake of its checksum.
            if (_isOwed && _events.NullableInt64(4) is { } at)
                _ = _bodies.Read(new JournalPlace(at), _events.Int32(5));

            pace.GiveWay();
        }

        Orphans += CountDeliveries(before: long.MaxValue);
    }

    public void Dispose()
    {
        _events.Dispose();
        _deliveries.Dispose();
        _bodies.Dispose();
    }

    private int CountDeliveries(long before)
    {
        var count = 0;
        for (; _more && DeliveryRow.SeqOf(_deliveries.Int64(0)) < before; _more = _deliveries.Step())
        {
            count++;
            var state = (DeliveryState)_deliveries.Int32(2);
            Count(_deliveries.Int32(1), state);
            if (state is not (DeliveryState.Pending or DeliveryState.Retrying))
                continue;

            _isOwed = true;
            if (_deliveries.Int32(3) != 0)
                Unheld.Add(_deliveries.Int64(0));

            Astray += _deliveries.Int64(4);

            if (_deliveries.NullableInt64(5) is { } bulk)
                CollectionsMarshal.GetValueRefOrAddDefault(Replays, bulk, out _)++;
        }

        return count;
    }

    private void Count(int source, Disposition disposition)
    {
        ref var c = ref CollectionsMarshal.GetValueRefOrAddDefault(Sources, source, out _);
        c = disposition switch
        {
            Disposition.Routed => c with { Routed = c.Routed + 1 },
            Disposition.Unrouted => c with { Unrouted = c.Unrouted + 1 },
            Disposition.Held => c with { Held = c.Held + 1 },
            Disposition.Superseded => c with { Superseded = c.Superseded + 1 },
            _ => c with { Filtered = c.Filtered + 1 },
        };
    }

    private void Count(int destination, DeliveryState state)
    {
        ref var c = ref CollectionsMarshal.GetValueRefOrAddDefault(Destinations, destination, out _);
        c = state switch
        {
            DeliveryState.Delivered => c with { Delivered = c.Delivered + 1 },
            DeliveryState.Dead => c with { Dead = c.Dead + 1 },
            _ => c with { Pending = c.Pending + 1 },
        };
    }
}

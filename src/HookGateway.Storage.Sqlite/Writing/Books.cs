using System.Runtime.InteropServices;
using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// Counts events and deliveries in the commit that changes them, so that an audit can hold the tables against something that
/// does not come from them. What an open transaction counted is written once a destination and source, right before its
/// commit. Writer thread only.
/// </summary>
internal sealed class Books(SqliteConnection connection, DestinationCounts counts) : IDisposable
{
    private readonly SqliteStatement _writeSource = new(
        connection,
        """
        INSERT INTO source_books VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (source) DO UPDATE SET
          accepted = accepted + excluded.accepted, routed = routed + excluded.routed, unrouted = unrouted + excluded.unrouted,
          filtered = filtered + excluded.filtered, purged = purged + excluded.purged
        """);

    private readonly SqliteStatement _writeDestination = new(
        connection,
        """
        INSERT INTO destination_books VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (destination) DO UPDATE SET
          owed = owed + excluded.owed, pending = pending + excluded.pending, delivered = delivered + excluded.delivered,
          dead = dead + excluded.dead, purged = purged + excluded.purged
        """);

    private readonly Dictionary<int, EventCounts> _sources = [];
    private readonly Dictionary<int, DeliveryCounts> _destinations = [];

    public void Accept(int source, Disposition disposition) => Count(source, disposition, accepted: 1, there: 1);

    public void Purge(int source, Disposition disposition) => Count(source, disposition, accepted: 0, there: -1);

    /// <summary>A delivery more.</summary>
    public void Owe(int destination) => Count(destination, owed: 1, pending: 1);

    /// <summary>A pending one ended.</summary>
    public void End(int destination, DeliveryState state) => Count(
        destination, pending: -1, delivered: state == DeliveryState.Delivered ? 1 : 0, dead: state == DeliveryState.Dead ? 1 : 0);

    /// <summary>A dead one is pending again.</summary>
    public void Revive(int destination) => Count(destination, pending: 1, dead: -1);

    /// <summary>One that had ended is deleted.</summary>
    public void Purge(int destination, DeliveryState state) => Count(
        destination, delivered: state == DeliveryState.Delivered ? -1 : 0, dead: state == DeliveryState.Dead ? -1 : 0, purged: 1);

    /// <summary>Writes what was counted into the open transaction; last, before its commit.</summary>
    public void Flush()
    {
        foreach (var (source, c) in _sources)
        {
            _writeSource.Bind(1, (long)source).Bind(2, c.Accepted).Bind(3, c.Routed).Bind(4, c.Unrouted).Bind(5, c.Filtered)
                .Bind(6, c.Purged).Run();
        }

        foreach (var (destination, c) in _destinations)
        {
            _writeDestination.Bind(1, (long)destination).Bind(2, c.Owed).Bind(3, c.Pending).Bind(4, c.Delivered).Bind(5, c.Dead)
                .Bind(6, c.Purged).Run();
        }

        Discard();
    }

    /// <summary>Forgets what a transaction that failed had counted.</summary>
    public void Discard()
    {
        _sources.Clear();
        _destinations.Clear();
    }

    public void Dispose()
    {
        _writeSource.Dispose();
        _writeDestination.Dispose();
    }

    private void Count(int source, Disposition disposition, long accepted, long there)
    {
        ref var c = ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, source, out _);
        c = new EventCounts
        {
            Accepted = c.Accepted + accepted,
            Routed = c.Routed + (disposition == Disposition.Routed ? there : 0),
            Unrouted = c.Unrouted + (disposition == Disposition.Unrouted ? there : 0),
            Filtered = c.Filtered + (disposition == Disposition.Filtered ? there : 0),
            Purged = c.Purged + (there < 0 ? 1 : 0),
        };
    }

    private void Count(int destination, long owed = 0, long pending = 0, long delivered = 0, long dead = 0, long purged = 0)
    {
        ref var c = ref CollectionsMarshal.GetValueRefOrAddDefault(_destinations, destination, out _);
        c = new DeliveryCounts
        {
            Owed = c.Owed + owed,
            Pending = c.Pending + pending,
            Delivered = c.Delivered + delivered,
            Dead = c.Dead + dead,
            Purged = c.Purged + purged,
        };
        counts.Stage(destination, pending, dead);
    }
}

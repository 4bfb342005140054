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
        INSERT INTO source_books (source, accepted, routed, unrouted, filtered, purged, superseded, held)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (source) DO UPDATE SET
          accepted = accepted + excluded.accepted, routed = routed + excluded.routed, unrouted = unrouted + excluded.unrouted,
          filtered = filtered + excluded.filtered, purged = purged + excluded.purged,
          superseded = superseded + excluded.superseded, held = held + excluded.held
        """);

    private readonly SqliteStatement _writeDestination = new(
        connection,
        """
        INSERT INTO destination_books VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (destination) DO UPDATE SET
          owed = owed + excluded.owed, pending = pending + excluded.pending, delivered = delivered + excluded.delivered,
          dead = dead + excluded.dead, purged = purged + excluded.purged
        """);

    private readonly SqliteStatement _writeReplay = new(
        connection, "UPDATE replays SET made = made + ?2, delivered = delivered + ?3, dead = dead + ?4 WHERE id = ?1");

    private readonly Dictionary<int, EventCounts> _sources = [];
    private readonly Dictionary<int, DeliveryCounts> _destinations = [];
    private readonly Dictionary<long, DeliveryCounts> _replays = [];

    public void Accept(int source, Disposition disposition) => Count(source, disposition, accepted: 1, there: 1, purged: 0);

    public void Purge(int source, Disposition disposition) => Count(source, disposition, accepted: 0, there: -1, purged: 1);

    /// <summary>One that was held is released, or superseded.</summary>
    public void Move(int source, Disposition from, Disposition to)
    {
        Count(source, from, accepted: 0, there: -1, purged: 0);
        Count(source, to, accepted: 0, there: 1, purged: 0);
    }

    /// <summary>A delivery more.</summary>
    public void Owe(int destination) => Count(destination, owed: 1, pending: 1);

    /// <summary>A pending one ended.</summary>
    /// <param name="destination">Whose.</param>
    /// <param name="state">How.</param>
    /// <param name="bulk">The bulk replay that had made it.</param>
    public void End(int destination, DeliveryState state, long? bulk)
    {
        var (delivered, dead) = (state == DeliveryState.Delivered ? 1 : 0, state == DeliveryState.Dead ? 1 : 0);
        Count(destination, pending: -1, delivered: delivered, dead: dead);
        if (bulk is { } replay)
            CountReplay(replay, made: 0, delivered, dead);
    }

    /// <summary>A bulk replay made one due, revived or added.</summary>
    public void Replayed(long bulk) => CountReplay(bulk, made: 1, delivered: 0, dead: 0);

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
                .Bind(6, c.Purged).Bind(7, c.Superseded).Bind(8, c.Held).Run();
        }

        foreach (var (destination, c) in _destinations)
        {
            _writeDestination.Bind(1, (long)destination).Bind(2, c.Owed).Bind(3, c.Pending).Bind(4, c.Delivered).Bind(5, c.Dead)
                .Bind(6, c.Purged).Run();
        }

        foreach (var (replay, c) in _replays)
            _writeReplay.Bind(1, replay).Bind(2, c.Owed).Bind(3, c.Delivered).Bind(4, c.Dead).Run();

        Discard();
    }

    /// <summary>Forgets what a transaction that failed had counted.</summary>
    public void Discard()
    {
        _sources.Clear();
        _destinations.Clear();
        _replays.Clear();
    }

    public void Dispose()
    {
        _writeSource.Dispose();
        _writeDestination.Dispose();
        _writeReplay.Dispose();
    }

    private void CountReplay(long replay, long made, long delivered, long dead)
    {
        ref var c = ref CollectionsMarshal.GetValueRefOrAddDefault(_replays, replay, out _);
        c = new DeliveryCounts { Owed = c.Owed + made, Delivered = c.Delivered + delivered, Dead = c.Dead + dead };
    }

    private void Count(int source, Disposition disposition, long accepted, long there, long purged)
    {
        ref var c = ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, source, out _);
        c = new EventCounts
        {
            Accepted = c.Accepted + accepted,
            Routed = c.Routed + (disposition == Disposition.Routed ? there : 0),
            Unrouted = c.Unrouted + (disposition == Disposition.Unrouted ? there : 0),
            Filtered = c.Filtered + (disposition == Disposition.Filtered ? there : 0),
            Superseded = c.Superseded + (disposition == Disposition.Superseded ? there : 0),
            Held = c.Held + (disposition == Disposition.Held ? there : 0),
            Purged = c.Purged + purged,
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

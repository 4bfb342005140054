using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Reading;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Makes deliveries due again: dead ones are revived, others added. Writer thread only.</summary>
internal sealed class ReplayWriter(SqliteConnection connection, EventInserter events, Books books, OrderWriter order) : IDisposable
{
    private readonly SqliteStatement _deliveries = new(
        connection, "SELECT row, destination, state FROM deliveries WHERE row BETWEEN ?1 AND ?2 ORDER BY row");

    // What had attempts is retrying again, as after any other failure.
    private readonly SqliteStatement _revive = new(
        connection,
        """
        UPDATE deliveries SET state = iif(attempts = 0, 0, 1), due_ms = ?2, replay = attempts, replay_trace = ?3, bulk = ?4
        WHERE row = ?1
        """);

    private readonly SqliteStatement _add = new(
        connection,
        """
        INSERT INTO deliveries (row, destination, state, attempts, due_ms, replay, replay_trace, bulk)
        VALUES (?1, ?5, 0, 0, ?2, 0, ?3, ?4)
        """);

    private readonly SqliteStatement _owe = new(connection, "UPDATE events SET owed = owed + 1 WHERE seq = ?1");

    private readonly SqliteStatement _standing = new(
        connection,
        """
        SELECT disposition, (SELECT s.id FROM superseded JOIN events s ON s.seq = successor WHERE superseded.seq = events.seq)
        FROM events WHERE seq = ?1
        """);

    /// <summary>Writes a replay into the open transaction.</summary>
    public ReplayResult Replay(ReplayRequest request, long now)
    {
        if (EventIdSearch.Find(connection, request.Id) is not { } seq)
            return new ReplayResult.NotFound();

        if (Refuse(seq) is { } refused)
            return refused;

        var origin = new ReplayOrigin(request.Trace, Bulk: null, OnlyDead: false);
        return Owe(seq, ReadDeliveries(seq), request.Destinations, origin, now) is { } replayed
            ? new ReplayResult.Replayed(replayed)
            : new ReplayResult.TooMany(DeliveryRow.MaxFanOut);
    }

    /// <summary>Why nothing of an event can be owed: it is held, or superseded; <see langword="null"/>: it can.</summary>
    public ReplayResult? Refuse(long seq)
    {
        _standing.Bind(1, seq).Step();
        var (disposition, successor) = ((Disposition)_standing.Int32(0), _standing.IsNull(1) ? default : new Guid(_standing.Blob(1), bigEndian: true));
        _standing.Reset();
        return disposition switch
        {
            Disposition.Held => new ReplayResult.Held(),
            Disposition.Superseded => new ReplayResult.Superseded(new EventId(successor)),
            _ => null,
        };
    }

    /// <summary>What an event owes or owed, by ordinal.</summary>
    public List<MadeDelivery> ReadDeliveries(long seq)
    {
        var made = new List<MadeDelivery>();
        _deliveries.Bind(1, DeliveryRow.First(seq)).Bind(2, DeliveryRow.Last(seq));
        while (_deliveries.Step())
            made.Add(new(_deliveries.Int64(0), _deliveries.Int32(1), (DeliveryState)_deliveries.Int32(2)));

        return made;
    }

    /// <summary>Makes deliveries of an event due in the open transaction.</summary>
    /// <param name="seq">The event.</param>
    /// <param name="made">What it owes or owed.</param>
    /// <param name="destinations">Where to, each name once.</param>
    /// <param name="origin">Who asks for it.</param>
    /// <param name="now">Since when they are due.</param>
    /// <returns>What was made due; <see langword="null"/>, and nothing written, where it would have more than an event can have.</returns>
    public List<ReplayedDelivery>? Owe(
        long seq, List<MadeDelivery> made, IReadOnlyList<string> destinations, ReplayOrigin origin, long now)
    {
        var plan = destinations.Select(name => (Name: name, Id: events.IdOf(NameKind.Destination, name)))
            .Select(to => (to.Name, to.Id, Dead: made.FindAll(d => d.Destination == to.Id && d.State == DeliveryState.Dead))).ToList();
        var next = made.Count == 0 ? 0 : DeliveryRow.OrdinalOf(made[^1].Row) + 1;
        if (!origin.OnlyDead && next + plan.Count(to => to.Dead.Count == 0) > DeliveryRow.MaxFanOut)
            return null;

        Span<byte> trace = stackalloc byte[TraceContext.Bytes];
        origin.Trace.Write(trace);
        var replayed = new List<ReplayedDelivery>();
        foreach (var (name, id, dead) in plan)
        {
            foreach (var delivery in dead)
            {
                _revive.Bind(1, delivery.Row).Bind(2, now).Bind(3, trace).Bind(4, origin.Bulk).Run();
                books.Revive(id);
                order.Revive(delivery.Row, id);
                replayed.Add(new ReplayedDelivery(name, DeliveryRow.OrdinalOf(delivery.Row), Revived: true));
            }

            if (dead.Count > 0 || origin.OnlyDead)
                continue;

            _add.Bind(1, DeliveryRow.Of(seq, next)).Bind(2, now).Bind(3, trace).Bind(4, origin.Bulk).Bind(5, (long)id).Run();
            _owe.Bind(1, seq).Run();
            books.Owe(id);
            replayed.Add(new ReplayedDelivery(name, next++, Revived: false));
        }

        return replayed;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_deliveries, _revive, _add, _owe, _standing])
            statement.Dispose();
    }
}

/// <summary>A delivery that an event has already.</summary>
internal readonly record struct MadeDelivery(long Row, int Destination, DeliveryState State);

/// <summary>Who asks for deliveries to be made again.</summary>
/// <param name="Trace">The trace that the attempts shall belong to.</param>
/// <param name="Bulk">The bulk replay, if it is one.</param>
/// <param name="OnlyDead">Whether none is added.</param>
internal readonly record struct ReplayOrigin(TraceContext Trace, long? Bulk, bool OnlyDead);

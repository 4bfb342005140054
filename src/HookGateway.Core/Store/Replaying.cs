using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>An event to deliver again.</summary>
/// <param name="Id">The event.</param>
/// <param name="Destinations">Where to: each gets its dead deliveries revived, or one added where none is dead. Each name once.</param>
/// <param name="Trace">The trace that the attempts shall belong to.</param>
public sealed record ReplayRequest(EventId Id, IReadOnlyList<string> Destinations, TraceContext Trace);

/// <summary>How <see cref="IEventStore.ReplayAsync"/> ended. Closed: one of the nested kinds.</summary>
public abstract record ReplayResult
{
    private ReplayResult()
    {
    }

    /// <summary>Durable, and due at once.</summary>
    /// <param name="Deliveries">What is owed now because of it.</param>
    public sealed record Replayed(IReadOnlyList<ReplayedDelivery> Deliveries) : ReplayResult;

    /// <summary>There is no event of that id.</summary>
    public sealed record NotFound : ReplayResult;

    /// <summary>The event is held, and goes out by itself; nothing was changed.</summary>
    public sealed record Held : ReplayResult;

    /// <summary>Another event went out in its place; nothing was changed.</summary>
    /// <param name="By">Which.</param>
    public sealed record Superseded(EventId By) : ReplayResult;

    /// <summary>The event's body is not kept any more (<see cref="RetentionLimits.Bodies"/>); nothing was changed.</summary>
    public sealed record BodyDropped : ReplayResult;

    /// <summary>The event has as many deliveries as one can have; nothing was changed.</summary>
    /// <param name="Limit">How many that is.</param>
    public sealed record TooMany(int Limit) : ReplayResult;
}

/// <summary>A delivery that a replay made due.</summary>
/// <param name="Destination">The destination's name.</param>
/// <param name="Ordinal">The how-manieth of its event.</param>
/// <param name="Revived">Whether it was dead before; else it was added.</param>
public readonly record struct ReplayedDelivery(string Destination, int Ordinal, bool Revived);

/// <summary>A destination that an operator paused.</summary>
/// <param name="Destination">Its name.</param>
/// <param name="Since">Since when.</param>
public readonly record struct PausedDestination(string Destination, DateTimeOffset Since);

using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>One event to store, with what it owes.</summary>
public sealed record AcceptRequest
{
    /// <summary>The event, without an id yet.</summary>
    public required WebhookEvent Event { get; init; }

    /// <summary>What makes two requests the same event.</summary>
    public required DedupeKey DedupeKey { get; init; }

    /// <summary>For how long the same key counts as a duplicate, from acceptance.</summary>
    public required TimeSpan DedupeWindow { get; init; }

    /// <summary>How routing ended.</summary>
    public required Disposition Disposition { get; init; }

    /// <summary>One entry a destination, in the routes' order; empty unless <see cref="Disposition.Routed"/>.</summary>
    public required IReadOnlyList<OwedDelivery> Deliveries { get; init; }

    /// <summary>Where it was decided against the state of its key: what happens to that in the same commit.</summary>
    public CoalesceStep? Coalesce { get; init; }
}

/// <summary>A delivery that an accepted event will owe.</summary>
/// <param name="Destination">The configured name of the destination.</param>
/// <param name="Lease">Whether it is leased to the caller in the same commit, because its lane has room; else it is due at once.</param>
/// <param name="Ordered">
/// Whether it waits, neither leased nor due, until every ordered delivery before it to the same destination, of the same source
/// and key, has ended. Without effect on an event that has no key.
/// </param>
public readonly record struct OwedDelivery(string Destination, bool Lease, bool Ordered = false);

/// <summary>How routing ended for an accepted event.</summary>
public enum Disposition
{
    /// <summary>At least one route named it.</summary>
    Routed = 0,

    /// <summary>No route names it.</summary>
    Unrouted = 1,

    /// <summary>Every route that names it turned it away by its <c>where</c>.</summary>
    Filtered = 2,

    /// <summary>Not routed yet: it waits to be joined with others of its key.</summary>
    Held = 3,

    /// <summary>Not routed: another goes, or went, out in its place.</summary>
    Superseded = 4,
}

/// <summary>How <see cref="IEventStore.AcceptAsync"/> ended. Closed: one of the nested kinds.</summary>
public abstract record AcceptResult
{
    private AcceptResult()
    {
    }

    /// <summary>Stored, durable.</summary>
    /// <param name="Event">The event with its id.</param>
    /// <param name="Leased">The deliveries that were asked to be leased and need not wait, in the order of the request.</param>
    public sealed record Accepted(WebhookEvent Event, IReadOnlyList<Delivery> Leased) : AcceptResult
    {
        /// <summary>What <see cref="CoalesceStep.Release"/> had go out in the same commit, with its id.</summary>
        public WebhookEvent? Released { get; init; }
    }

    /// <summary>Nothing was stored: the key is another than <see cref="CoalesceStep.Version"/> by now. Read it again and decide anew.</summary>
    public sealed record Conflict : AcceptResult;

    /// <summary>The same event is stored already, and durable.</summary>
    /// <param name="First">The id of the first one.</param>
    public sealed record Duplicate(EventId First) : AcceptResult;

    /// <summary>Not stored, or not known to be: the sender must send it again.</summary>
    /// <param name="Reason">Why, for the log; never shown to the sender.</param>
    public sealed record Unavailable(string Reason) : AcceptResult;
}

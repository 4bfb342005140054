namespace HookGateway.Events;

/// <summary>
/// What the gateway owes one destination for one event, leased to this process: whoever holds it attempts it and settles
/// it. Made by the store, at acceptance or by a later lease.
/// </summary>
public sealed class Delivery
{
    /// <summary>The event to deliver, its body included.</summary>
    public required WebhookEvent Event { get; init; }

    /// <summary>The configured name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>The how-manieth delivery of its event this is, from 0: with the event's id, its identity.</summary>
    public required int Ordinal { get; init; }

    /// <summary>How many attempts have been settled before this lease.</summary>
    public required int Attempts { get; init; }

    /// <summary>Set where somebody asked for this delivery; <see langword="null"/> for one that the event's routing made.</summary>
    public Replay? Replay { get; init; }

    /// <summary>
    /// Set where it is ordered: rises with the order of acceptance within its destination, source and key, with gaps.
    /// </summary>
    public long? Sequence { get; init; }

    /// <summary>The trace that its attempts belong to.</summary>
    public TraceContext Trace => Replay?.Trace ?? Event.Trace;

    /// <summary>The store's proof of this lease, handed back when settling.</summary>
    public required Lease Lease { get; init; }
}

/// <summary>The store's own handle of a leased delivery and the epoch that fences it: a settle under an old epoch loses.</summary>
/// <param name="Handle">The engine's address of the delivery; means nothing outside the engine.</param>
/// <param name="Epoch">Rises with every lease (Redis) or with every opening of the store (SQLite).</param>
public readonly record struct Lease(long Handle, long Epoch);

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>Owed and not attempted yet.</summary>
    Pending = 0,

    /// <summary>Attempted at least once, due again later.</summary>
    Retrying = 1,

    /// <summary>Answered with a 2xx. Final.</summary>
    Delivered = 2,

    /// <summary>Given up after the last attempt, or at once where the policy says so. Final until replayed.</summary>
    Dead = 3,
}

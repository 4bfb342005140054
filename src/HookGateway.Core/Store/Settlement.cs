using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>What came of a leased delivery, to be written.</summary>
public sealed record Settlement
{
    /// <summary>The delivery, as it was leased.</summary>
    public required Delivery Delivery { get; init; }

    /// <summary>The attempt that was made; <see langword="null"/> gives the lease back unused, and counts no attempt.</summary>
    public DeliveryAttempt? Attempt { get; init; }

    /// <summary>
    /// Where the delivery stands now: <see cref="DeliveryState.Delivered"/>, <see cref="DeliveryState.Dead"/>,
    /// <see cref="DeliveryState.Retrying"/>, or <see cref="DeliveryState.Pending"/> when a lease is given back before any attempt.
    /// </summary>
    public required DeliveryState State { get; init; }

    /// <summary>When it is due again; only for the states that are not final.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>
    /// Whether, where it is dead and ordered, those behind it stay where they are until it is revived or
    /// <see cref="IEventStore.ReleaseBlockedAsync"/> lets them go. Default <see langword="false"/>: the next one is due.
    /// </summary>
    public bool Blocks { get; init; }

    /// <summary>Called once, from the store's own thread, after the commit that holds the settlement: must not block or throw.</summary>
    public Action<Settled>? Written { get; init; }
}

/// <summary>A settlement that is written.</summary>
/// <param name="Settlement">The settlement.</param>
/// <param name="FreedNext">Whether it made another delivery to the same destination due, or may have: the next in its order.</param>
public readonly record struct Settled(Settlement Settlement, bool FreedNext);

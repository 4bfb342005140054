using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>An event as it is stored, with everything that happened to it.</summary>
/// <param name="Event">The event.</param>
/// <param name="Disposition">How routing ended.</param>
/// <param name="Deliveries">What it owes or owed, by ordinal.</param>
public sealed record StoredEvent(WebhookEvent Event, Disposition Disposition, IReadOnlyList<StoredDelivery> Deliveries)
{
    /// <summary>Which event went out in its place.</summary>
    public EventId? SupersededBy { get; init; }

    /// <summary>The events in whose place it went out, the oldest first; a thousand at most.</summary>
    public IReadOnlyList<EventId> Supersedes { get; init; } = [];

    /// <summary>
    /// The size in bytes of a body that is not kept any more (<see cref="RetentionLimits.Bodies"/>), and then empty in <see cref="Event"/>;
    /// <see langword="null"/>: it is there.
    /// </summary>
    public long? DroppedBodySize { get; init; }
}

/// <summary>A delivery as it is stored.</summary>
/// <param name="Destination">The destination's name.</param>
/// <param name="Ordinal">The how-manieth of its event, from 0.</param>
/// <param name="State">Where it stands.</param>
/// <param name="DueAt">
/// When it is due; <see langword="null"/> in a final state, while it is leased for its first attempt, and while it waits.
/// </param>
/// <param name="Attempts">Every attempt, in order.</param>
public sealed record StoredDelivery(
    string Destination, int Ordinal, DeliveryState State, DateTimeOffset? DueAt, IReadOnlyList<DeliveryAttempt> Attempts)
{
    /// <summary>Whether somebody asked for it.</summary>
    public bool Replayed { get; init; }

    /// <summary>Whether it waits for an earlier ordered delivery to end; then it has no due time.</summary>
    public bool Waits { get; init; }
}

/// <summary>Some events of a source, the oldest first.</summary>
/// <param name="Events">Those that have a key; possibly none, although more follow.</param>
/// <param name="Next">Where to go on, a text that only the store reads; <see langword="null"/> where nothing follows.</param>
public sealed record KeyedEventPage(IReadOnlyList<WebhookEvent> Events, string? Next);

/// <summary>What one destination is owed.</summary>
/// <param name="Destination">The destination's name; one that is no longer configured counts as well.</param>
/// <param name="Count">Deliveries owed and not ended, leased ones included.</param>
/// <param name="Dead">Deliveries given up and kept.</param>
/// <param name="Oldest">When the oldest of those owed was received; <see langword="null"/> where none is owed.</param>
public sealed record PendingDeliveries(string Destination, long Count, long Dead, DateTimeOffset? Oldest)
{
    /// <summary>Keys that stand still behind a dead delivery.</summary>
    public long Blocked { get; init; }
}

/// <summary>How long ended events are kept, from their acceptance.</summary>
/// <param name="Delivered">Events whose deliveries were all delivered, and those that owe none. Default 7 days.</param>
/// <param name="Dead">Events with a dead delivery. Default 30 days; those that block others in their order are kept.</param>
public readonly record struct RetentionLimits(TimeSpan Delivered, TimeSpan Dead)
{
    /// <summary>
    /// How long bodies are kept of events whose deliveries were all delivered, and of superseded ones; <see langword="null"/>: as long as the
    /// event. An event that is still owed then loses its body later: before its age has grown by a quarter since it was delivered, or
    /// soon after the limit. Default <see langword="null"/> with SQLite, which ignores it, and 15 minutes with Redis.
    /// </summary>
    public TimeSpan? Bodies { get; init; }
}

using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>Which events to list. What is <see langword="null"/> does not matter; everything else has to be met.</summary>
public sealed record EventFilter
{
    /// <summary>The source's name.</summary>
    public string? Source { get; init; }

    /// <summary>The event's name, or a pattern with <c>*</c> as in routes.</summary>
    public string? Event { get; init; }

    /// <summary>Where the event stands.</summary>
    public EventState? State { get; init; }

    /// <summary>A destination that it owes or owed a delivery.</summary>
    public string? Destination { get; init; }

    /// <summary>What the event is about.</summary>
    public string? Key { get; init; }

    /// <summary>The earliest time of acceptance, as the ids tell it.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The time of acceptance before which they all are.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>Some events, the newest first.</summary>
/// <param name="Events">Those that were found; possibly fewer than asked for, or none, although more follow.</param>
/// <param name="Next">Where to go on, a text that only the store reads; <see langword="null"/> where nothing follows.</param>
public sealed record EventPage(IReadOnlyList<EventSummary> Events, string? Next);

/// <summary>An event without its body and attempts.</summary>
public sealed record EventSummary
{
    /// <summary>Its id.</summary>
    public required EventId Id { get; init; }

    /// <summary>The source's name.</summary>
    public required string Source { get; init; }

    /// <summary>What happened, in the sender's words.</summary>
    public required string Name { get; init; }

    /// <summary>The sender's own id.</summary>
    public string? SourceId { get; init; }

    /// <summary>What it is about.</summary>
    public string? Key { get; init; }

    /// <summary>When its request arrived.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Where it stands.</summary>
    public required EventState State { get; init; }

    /// <summary>Who made it.</summary>
    public EventOrigin Origin { get; init; }

    /// <summary>Which event went out in its place.</summary>
    public EventId? SupersededBy { get; init; }

    /// <summary>Its place in the trace.</summary>
    public required TraceContext Trace { get; init; }

    /// <summary>The size of its body in bytes.</summary>
    public required long BodySize { get; init; }

    /// <summary>Whether its body is not kept any more (<see cref="RetentionLimits.Bodies"/>).</summary>
    public bool BodyDropped { get; init; }

    /// <summary>What it owes or owed, by ordinal.</summary>
    public required IReadOnlyList<DeliverySummary> Deliveries { get; init; }
}

/// <summary>A delivery without its attempts.</summary>
/// <param name="Destination">The destination's name.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">How many attempts have been made.</param>
/// <param name="Replayed">Whether somebody asked for it.</param>
public readonly record struct DeliverySummary(string Destination, DeliveryState State, int Attempts, bool Replayed);

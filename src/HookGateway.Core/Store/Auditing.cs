namespace HookGateway.Store;

/// <summary>
/// The books: what was counted in the commits themselves, against what is in the store now. Every number that disagrees is an
/// event or a delivery that was lost, doubled or changed by something other than the gateway.
/// </summary>
public sealed record AuditReport
{
    /// <summary>Events, per source.</summary>
    public required IReadOnlyList<SourceBooks> Sources { get; init; }

    /// <summary>Deliveries, per destination.</summary>
    public required IReadOnlyList<DestinationBooks> Destinations { get; init; }

    /// <summary>Events that do not have as many deliveries as they record, replays included.</summary>
    public required long UnevenEvents { get; init; }

    /// <summary>Deliveries whose event is not there.</summary>
    public required long Orphans { get; init; }

    /// <summary>
    /// Deliveries that are owed, held by nobody and never due, or that wait for one that will not let them go: they would not be
    /// attempted any more.
    /// </summary>
    public required long Forgotten { get; init; }

    /// <summary>By how many pending deliveries the bulk replays disagree with what each of them counted.</summary>
    public required long UnevenReplays { get; init; }

    /// <summary>Superseded events that do not lead to one that went out; 0 where a gateway is too old to say.</summary>
    public long LostSuccessors { get; init; }

    /// <summary>Held events that nothing would release any more; 0 where a gateway is too old to say.</summary>
    public long ForgottenHeld { get; init; }

    /// <summary>Whether nothing disagrees.</summary>
    public bool Balanced => Unaccounted == 0;

    /// <summary>The sum of all differences, for an alarm: 0 where the books balance.</summary>
    public long Unaccounted =>
        Sources.Sum(s => s.Difference) + Destinations.Sum(d => d.Difference) + UnevenEvents + Orphans + Forgotten + UnevenReplays
        + LostSuccessors + ForgottenHeld;
}

/// <summary>The events of one source.</summary>
/// <param name="Source">Its name; one that is no longer configured counts as well.</param>
/// <param name="Counted">What the commits counted.</param>
/// <param name="Found">What is there; <see cref="EventCounts.Accepted"/> is the sum of it and of what was purged.</param>
public sealed record SourceBooks(string Source, EventCounts Counted, EventCounts Found)
{
    /// <summary>By how much they disagree.</summary>
    public long Difference =>
        Math.Abs(Counted.Accepted - Found.Accepted) + Math.Abs(Counted.Routed - Found.Routed)
        + Math.Abs(Counted.Unrouted - Found.Unrouted) + Math.Abs(Counted.Filtered - Found.Filtered)
        + Math.Abs(Counted.Superseded - Found.Superseded) + Math.Abs(Counted.Held - Found.Held);
}

/// <summary>The deliveries of one destination.</summary>
/// <param name="Destination">Its name; one that is no longer configured counts as well.</param>
/// <param name="Counted">What the commits counted.</param>
/// <param name="Found">What is there; <see cref="DeliveryCounts.Owed"/> is the sum of it and of what was purged.</param>
public sealed record DestinationBooks(string Destination, DeliveryCounts Counted, DeliveryCounts Found)
{
    /// <summary>By how much they disagree.</summary>
    public long Difference =>
        Math.Abs(Counted.Owed - Found.Owed) + Math.Abs(Counted.Pending - Found.Pending)
        + Math.Abs(Counted.Delivered - Found.Delivered) + Math.Abs(Counted.Dead - Found.Dead);
}

/// <summary>Events: accepted = routed + unrouted + filtered + superseded + held + purged.</summary>
public readonly record struct EventCounts
{
    /// <summary>All that were ever stored: acknowledged to a sender, or made by the gateway of several that it held.</summary>
    public long Accepted { get; init; }

    /// <summary>At least one route named them.</summary>
    public long Routed { get; init; }

    /// <summary>No route named them.</summary>
    public long Unrouted { get; init; }

    /// <summary>Their routes turned them away.</summary>
    public long Filtered { get; init; }

    /// <summary>Another went out in their place.</summary>
    public long Superseded { get; init; }

    /// <summary>They wait to be joined with others.</summary>
    public long Held { get; init; }

    /// <summary>Deleted by retention.</summary>
    public long Purged { get; init; }
}

/// <summary>Deliveries: owed = delivered + pending + dead + superseded + purged.</summary>
public readonly record struct DeliveryCounts
{
    /// <summary>All that were ever owed, those that replays added included.</summary>
    public long Owed { get; init; }

    /// <summary>Owed and not ended, retrying ones included.</summary>
    public long Pending { get; init; }

    /// <summary>Made.</summary>
    public long Delivered { get; init; }

    /// <summary>Given up.</summary>
    public long Dead { get; init; }

    /// <summary>Not made because another took their place: none so far.</summary>
    public long Superseded { get; init; }

    /// <summary>Deleted by retention.</summary>
    public long Purged { get; init; }
}

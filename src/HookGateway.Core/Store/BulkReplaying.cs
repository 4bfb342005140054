using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>Events to deliver again: all that meet a filter and are stored when the replay begins.</summary>
public sealed record BulkReplayRequest
{
    /// <summary>Which events. An event is held against it when the replay comes to it.</summary>
    public required EventFilter Filter { get; init; }

    /// <summary>Where to, each name once; <see langword="null"/> routes each event as if it came now.</summary>
    public IReadOnlyList<string>? Destinations { get; init; }

    /// <summary>
    /// Only revives what is dead, and adds nothing: of events with a dead delivery to <see cref="EventFilter.Destination"/>,
    /// which is then needed, and the only one of <see cref="Destinations"/>.
    /// </summary>
    public bool OnlyDead { get; init; }
}

/// <summary>How far a bulk replay has come with making deliveries.</summary>
public enum BulkReplayState
{
    /// <summary>There are events that it has not looked at yet.</summary>
    Running = 0,

    /// <summary>Every event was looked at; deliveries that it made may still be owed.</summary>
    Done = 1,

    /// <summary>Somebody ended it. What it had made stays owed.</summary>
    Cancelled = 2,

    /// <summary>It cannot go on; <see cref="BulkReplay.Reason"/> says why. What it had made stays owed.</summary>
    Failed = 3,
}

/// <summary>A bulk replay as it is stored.</summary>
public sealed record BulkReplay
{
    /// <summary>Its number; rises with every one that is begun.</summary>
    public required long Id { get; init; }

    /// <summary>What was asked for.</summary>
    public required BulkReplayRequest Request { get; init; }

    /// <summary>How far it is.</summary>
    public required BulkReplayState State { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Reason { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it had made its last delivery; <see langword="null"/> while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How many events there are to look at.</summary>
    public required long Total { get; init; }

    /// <summary>How many of them are behind it.</summary>
    public required long Scanned { get; init; }

    /// <summary>How many events met the filter.</summary>
    public required long Matched { get; init; }

    /// <summary>
    /// Of how many of those nothing is owed: no route names them today, they have as many deliveries as one can have, they are
    /// held or superseded, or their bodies are not kept any more.
    /// </summary>
    public required long Skipped { get; init; }

    /// <summary>How many deliveries it made due, revived ones and added ones.</summary>
    public required long Made { get; init; }

    /// <summary>How many of those were delivered.</summary>
    public required long Delivered { get; init; }

    /// <summary>How many of those were given up.</summary>
    public required long Dead { get; init; }

    /// <summary>How many of those are owed and not ended.</summary>
    public long Pending => Made - Delivered - Dead;
}

/// <summary>Some events that a bulk replay comes to next.</summary>
/// <param name="Replay">The replay as it stood when they were read.</param>
/// <param name="Events">Those that meet its filter, the oldest first; possibly none, although more follow.</param>
/// <param name="From">Where the replay stands; only the store reads it.</param>
/// <param name="Next">Where it stands once these are dealt with; only the store reads it.</param>
public sealed record BulkReplayPage(BulkReplay Replay, IReadOnlyList<EventSummary> Events, string From, string Next);

/// <summary>What to make of a page, in one commit with the replay's new place.</summary>
/// <param name="Id">The replay.</param>
/// <param name="From">As in the page: a step from where the replay does not stand any more changes nothing.</param>
/// <param name="Next">As in the page.</param>
/// <param name="Events">Every event of the page, in its order.</param>
public sealed record BulkReplayStep(long Id, string From, string Next, IReadOnlyList<BulkReplayEvent> Events);

/// <summary>An event of a step.</summary>
/// <param name="Id">Which.</param>
/// <param name="Destinations">Where to, as in a <see cref="ReplayRequest"/>; empty: nowhere today.</param>
/// <param name="Trace">The trace that the attempts shall belong to.</param>
public readonly record struct BulkReplayEvent(EventId Id, IReadOnlyList<string> Destinations, TraceContext Trace);

using HookGateway.Events;

namespace HookGateway.Observe;

/// <summary>
/// Something that happened to an event: it was accepted, or released after it was held, or an attempt of one of its deliveries was
/// settled.
/// </summary>
internal sealed record FeedHappening
{
    /// <summary>accepted, released or settled.</summary>
    public required string Kind { get; init; }

    /// <summary>When it was stored.</summary>
    public required DateTimeOffset At { get; init; }

    public required EventId Id { get; init; }

    public required string Source { get; init; }

    public required string Event { get; init; }

    public string? Key { get; init; }

    /// <summary>What an event of which nothing else had happened would stand at.</summary>
    public required EventState State { get; init; }

    public string? Destination { get; init; }

    public int? Attempt { get; init; }

    public int? Status { get; init; }

    public DeliveryError? Error { get; init; }
}

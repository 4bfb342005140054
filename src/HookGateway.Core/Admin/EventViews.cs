using System.Text.Json.Serialization;
using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Admin;

/// <summary>A page of <c>GET /api/v1/events</c>.</summary>
/// <param name="Events">The newest first; possibly none, although more follow.</param>
/// <param name="Next">The <c>cursor</c> of the next page; absent at the end.</param>
internal sealed record EventListView(IReadOnlyList<EventView> Events, string? Next)
{
    public static EventListView Of(EventPage page) => new([.. page.Events.Select(EventView.Of)], page.Next);
}

/// <summary>An event without its body.</summary>
internal sealed record EventView
{
    public required string Id { get; init; }

    public required string Source { get; init; }

    public required string Event { get; init; }

    public string? SourceId { get; init; }

    public string? Key { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required string State { get; init; }

    /// <summary>Who made it; absent where its sender did.</summary>
    public string? Origin { get; init; }

    /// <summary>Which event went out in its place.</summary>
    public string? SupersededBy { get; init; }

    /// <summary>The events in whose place it went out, where one event is shown.</summary>
    public IReadOnlyList<string>? Supersedes { get; init; }

    public string? ContentType { get; init; }

    public required long BodySize { get; init; }

    /// <summary>Set where the body is not kept any more: it can neither be read nor replayed.</summary>
    public bool? BodyDropped { get; init; }

    public string? TraceId { get; init; }

    public required IReadOnlyList<DeliveryView> Deliveries { get; init; }

    public static EventView Of(EventSummary e) => new()
    {
        Id = e.Id.ToString(),
        Source = e.Source,
        Event = e.Name,
        SourceId = e.SourceId,
        Key = e.Key,
        ReceivedAt = e.ReceivedAt,
        State = Word(e.State),
        Origin = Word(e.Origin),
        SupersededBy = e.SupersededBy?.ToString(),
        BodySize = e.BodySize,
        BodyDropped = e.BodyDropped ? true : null,
        Deliveries = [.. e.Deliveries.Select(d => new DeliveryView(d.Destination, Word(d.State), d.Attempts, d.Replayed))],
    };

    public static EventView Of(StoredEvent stored) => new()
    {
        Id = stored.Event.Id.ToString(),
        Source = stored.Event.Source,
        Event = stored.Event.Name,
        SourceId = stored.Event.SourceId,
        Key = stored.Event.Key,
        ReceivedAt = stored.Event.ReceivedAt,
        State = Word(EventStanding.Of(stored.Disposition, stored.Deliveries.Select(d => d.State))),
        Origin = Word(stored.Event.Origin),
        SupersededBy = stored.SupersededBy?.ToString(),
        Supersedes = stored.Supersedes.Count == 0 ? null : [.. stored.Supersedes.Select(id => id.ToString())],
        ContentType = stored.Event.ContentType,
        BodySize = stored.DroppedBodySize ?? stored.Event.Body.Length,
        BodyDropped = stored.DroppedBodySize is null ? null : true,
        TraceId = stored.Event.Trace.TraceId.ToString(),
        Deliveries = [.. stored.Deliveries.Select(DeliveryView.Of)],
    };

    private static string? Word(EventOrigin origin) => origin == EventOrigin.Sender ? null : Word<EventOrigin>(origin);

    internal static string Word<T>(T state) where T : struct, Enum => state.ToString().ToLowerInvariant();
}

/// <summary>A delivery of an event.</summary>
/// <param name="Destination">The destination's name.</param>
/// <param name="State">The contract's word.</param>
/// <param name="Attempts">How many attempts have been made.</param>
/// <param name="Replayed">Whether somebody asked for it.</param>
internal sealed record DeliveryView(string Destination, string State, int Attempts, bool Replayed)
{
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Set where it waits for an earlier event of its key to end.</summary>
    public bool? Waits { get; init; }

    /// <summary>Every attempt, where one event is shown.</summary>
    public IReadOnlyList<AttemptView>? Log { get; init; }

    public static DeliveryView Of(StoredDelivery d)
    {
        // Leased for its first attempt.
        var state = d is { State: DeliveryState.Pending, DueAt: null, Waits: false } ? "delivering" : EventView.Word(d.State);
        return new DeliveryView(d.Destination, state, d.Attempts.Count, d.Replayed)
        {
            DueAt = d.DueAt,
            Waits = d.Waits ? true : null,
            Log = [.. d.Attempts.Select(AttemptView.Of)],
        };
    }
}

/// <summary>An attempt.</summary>
internal sealed record AttemptView
{
    public required int Number { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required double DurationMs { get; init; }

    public int? Status { get; init; }

    public string? Error { get; init; }

    public string? Detail { get; init; }

    /// <summary>The beginning of what a failed attempt was answered, 4 KiB at most.</summary>
    public string? Answer { get; init; }

    public static AttemptView Of(DeliveryAttempt a) => new()
    {
        Number = a.Number,
        StartedAt = a.StartedAt,
        DurationMs = a.Duration.TotalMilliseconds,
        Status = a.StatusCode,
        Error = a.Error == DeliveryError.None ? null : EventView.Word(a.Error),
        Detail = a.Detail,
        Answer = a.Answer,
    };
}

/// <summary>The body of <c>POST /api/v1/events/{id}/replay</c>.</summary>
/// <param name="Destinations">Where to; absent routes the event as if it came now.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReplayBody(IReadOnlyList<string>? Destinations = null);

/// <summary>What is owed because of a replay.</summary>
internal sealed record ReplayView(string Id, IReadOnlyList<ReplayedView> Deliveries);

/// <summary>One delivery of a replay.</summary>
/// <param name="Destination">The destination's name.</param>
/// <param name="Revived">Whether it was dead before; else it was added.</param>
internal sealed record ReplayedView(string Destination, bool Revived);

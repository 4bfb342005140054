using System.Text.Json.Serialization;
using HookGateway.Store;

namespace HookGateway.Admin;

/// <summary>The body of <c>POST /api/v1/replays</c>.</summary>
/// <param name="Filter">Which events, by the parameters of the list.</param>
/// <param name="Destinations">Where to; absent routes each event as if it came now.</param>
/// <param name="All">Says that every event is meant, where the filter is empty.</param>
/// <param name="Preview">Only counts what matches.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BulkReplayBody(
    IReadOnlyDictionary<string, string>? Filter = null, IReadOnlyList<string>? Destinations = null, bool All = false, bool Preview = false);

/// <summary>The answer to a preview.</summary>
/// <param name="Matched">How many events match now.</param>
internal sealed record ReplayPreviewView(long Matched);

/// <summary>The answer of <c>GET /api/v1/replays</c>.</summary>
/// <param name="Replays">The newest first.</param>
internal sealed record BulkReplayListView(IReadOnlyList<BulkReplayView> Replays);

/// <summary>A bulk replay and how far it is.</summary>
internal sealed record BulkReplayView
{
    public required long Id { get; init; }

    /// <summary>running, delivering (everything is made, not everything has ended), done, cancelled or failed.</summary>
    public required string State { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Reason { get; init; }

    public required IReadOnlyDictionary<string, string> Filter { get; init; }

    /// <summary>Absent where each event goes as today's routes say.</summary>
    public IReadOnlyList<string>? Destinations { get; init; }

    /// <summary>Whether it only revives what is dead.</summary>
    public required bool OnlyDead { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public required long Total { get; init; }

    public required long Scanned { get; init; }

    public required long Matched { get; init; }

    public required long Skipped { get; init; }

    public required long Made { get; init; }

    public required long Pending { get; init; }

    public required long Delivered { get; init; }

    public required long Dead { get; init; }

    /// <summary>How many of its deliveries ended a second, since it began; only while there is more to come.</summary>
    public double? PerSecond { get; init; }

    public static BulkReplayView Of(BulkReplay replay, DateTimeOffset now)
    {
        var isDelivering = replay is { State: BulkReplayState.Done, Pending: > 0 };
        var isUnderWay = isDelivering || replay.State == BulkReplayState.Running;
        var seconds = (now - replay.CreatedAt).TotalSeconds;
        return new()
        {
            Id = replay.Id,
            State = isDelivering ? "delivering" : EventView.Word(replay.State),
            Reason = replay.Reason,
            Filter = EventQuery.Write(replay.Request.Filter),
            Destinations = replay.Request.Destinations,
            OnlyDead = replay.Request.OnlyDead,
            CreatedAt = replay.CreatedAt,
            EndedAt = replay.EndedAt,
            Total = replay.Total,
            Scanned = replay.Scanned,
            Matched = replay.Matched,
            Skipped = replay.Skipped,
            Made = replay.Made,
            Pending = replay.Pending,
            Delivered = replay.Delivered,
            Dead = replay.Dead,
            PerSecond = isUnderWay && seconds > 0 ? Math.Round((replay.Delivered + replay.Dead) / seconds, 1) : null,
        };
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace HookGateway.SysAid.Reconcile;

/// <summary>How far one source's API has been looked through: what the store keeps between two listings.</summary>
internal sealed record ReconcileState
{
    /// <summary>So many of the latest are kept.</summary>
    public const int MostBlind = 50;

    /// <summary>Changes at or before it do not count.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When it was first asked for, by the gateway's clock.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>
    /// The watermark: the latest change that was looked at, by SysAid's clock. Nothing else is needed to tell where to go on among
    /// records of the same time, because the next listing begins before it. <see langword="null"/>: nothing yet.
    /// </summary>
    public DateTimeOffset? UpdateTime { get; init; }

    /// <summary>When that listing began, by the gateway's clock.</summary>
    public DateTimeOffset? ListedAt { get; init; }

    /// <summary>Where it stands what records were (<see cref="KnownRecords"/>); <see langword="null"/>: nowhere.</summary>
    public KnownParts? Known { get; init; }

    /// <summary>When the last listing was done, by the gateway's clock; <see langword="null"/>: none yet.</summary>
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>How many listings were done.</summary>
    public long Runs { get; init; }

    /// <summary>How many changes were found of which no webhook had come.</summary>
    public long Found { get; init; }

    /// <summary>When nobody looked, the earliest first.</summary>
    public IReadOnlyList<BlindWindow> Blind { get; init; } = [];

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ReconcileJson.Default.ReconcileState);

    public static ReconcileState Of(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize(bytes, ReconcileJson.Default.ReconcileState)!;
}

/// <summary>A time in which the API was not listed; what changed in it was found late, and only as it was at its end.</summary>
/// <param name="From">When the listing before was done.</param>
/// <param name="Until">When the next one was.</param>
/// <param name="Reason">Why, in words that may be shown.</param>
internal sealed record BlindWindow(DateTimeOffset From, DateTimeOffset Until, string Reason);

/// <summary>What records were is kept in several states.</summary>
/// <param name="Fields">Tells which fields of them.</param>
/// <param name="Count">In how many.</param>
internal sealed record KnownParts(long Fields, int Count);

/// <summary>How it is stored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReconcileState))]
internal sealed partial class ReconcileJson : JsonSerializerContext;

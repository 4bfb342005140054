using System.Text.Json.Serialization;
using HookGateway.Store;

namespace HookGateway.Coalesce;

/// <summary>
/// What is known of one key of a source that coalesces or reconciles: what is held of it, what went out of it lately, and what its
/// record was when it was found. Events are called by numbers, which the store turns into the events themselves
/// (<see cref="CoalesceStep"/>).
/// </summary>
internal sealed record KeyState
{
    /// <summary>Nothing is held, and nothing went out.</summary>
    public static KeyState Empty { get; } = new();

    /// <summary>The events that are held, in the order of their acceptance.</summary>
    public IReadOnlyList<HeldEvent> Held { get; init; } = [];

    /// <summary>Of each field that is held its latest change.</summary>
    public IReadOnlyDictionary<string, FieldUpdate> Fields { get; init; } = new Dictionary<string, FieldUpdate>();

    /// <summary>Of each field that went out the latest change that did.</summary>
    public IReadOnlyDictionary<string, ReleasedField> Released { get; init; } = new Dictionary<string, ReleasedField>();

    /// <summary>The last event that was made of its record; <see langword="null"/>: none lately.</summary>
    public FoundRecord? Found { get; init; }

    /// <summary>The last number that was given out.</summary>
    public int LastNumber { get; init; }

    /// <summary>The numbers of all events that it speaks of.</summary>
    [JsonIgnore]
    public IReadOnlyList<int> Refers =>
        [.. Held.Select(held => held.Number).Union(Released.Values.Select(released => released.Number)).Union(Found is null ? [] : [Found.Number])];

    /// <summary>Without what went out so long ago that it does not count any more.</summary>
    public KeyState Since(DateTimeOffset time) => Released.Values.All(released => released.At > time) && !(Found?.At <= time)
        ? this
        : this with { Released = Released.Where(pair => pair.Value.At > time).ToDictionary(), Found = Found?.At > time ? Found : null };
}

/// <summary>An event that is held.</summary>
/// <param name="Number">What the state calls it.</param>
/// <param name="At">When it was received.</param>
/// <param name="Newest">The latest time in it, in ticks.</param>
/// <param name="HasLost">Whether a change of it is not to go out: a newer one had before, or the change itself did without it.</param>
/// <param name="IsOvertaken">
/// Whether something of its key has gone out since it came: it cannot go out itself then, for its number is before that one's.
/// </param>
/// <param name="List">Where its changes stand in its body.</param>
/// <param name="Trace">Its place in its trace, as a <c>traceparent</c>.</param>
/// <param name="Fields">The fields that it changes and that are held, whether with its own value or a later one.</param>
internal sealed record HeldEvent(
    int Number, DateTimeOffset At, long Newest, bool HasLost, bool IsOvertaken, string List, string Trace, IReadOnlyList<string> Fields);

/// <summary>The latest change of a field that went out.</summary>
/// <param name="Timestamp">When the change was made, in ticks.</param>
/// <param name="ValueHash">Tells its value.</param>
/// <param name="Number">The event that it went out with.</param>
/// <param name="At">When it went out.</param>
internal readonly record struct ReleasedField(long Timestamp, long ValueHash, int Number, DateTimeOffset At);

/// <summary>A record of which the gateway made an event, because a change of it had not come.</summary>
/// <param name="Time">When the record was last changed, in ticks of the sender's clock: all changes until then are in it.</param>
/// <param name="Number">The event.</param>
/// <param name="At">When it went out.</param>
/// <param name="Destinations">Where to.</param>
internal sealed record FoundRecord(long Time, int Number, DateTimeOffset At, IReadOnlyList<string> Destinations);

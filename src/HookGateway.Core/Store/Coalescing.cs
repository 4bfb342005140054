using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>
/// What to do to one key of a source that coalesces or reconciles, decided against the state that was read before. It is done in one
/// commit, or not at all where the state is another by then. Events of the key are called by numbers that whoever decides gives out;
/// the store keeps which events they are for as long as the state refers to them.
/// </summary>
public sealed record CoalesceStep
{
    /// <summary>The source's name.</summary>
    public required string Source { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary><see cref="CoalescedKey.Version"/> as it was read; 0 where there was no such key.</summary>
    public required long Version { get; init; }

    /// <summary>What the key's state is now; <see langword="null"/>: as before.</summary>
    public CoalescedState? State { get; init; }

    /// <summary>What the state calls the event that is accepted with this step; <see langword="null"/>: nothing, or none is.</summary>
    public int? Number { get; init; }

    /// <summary>
    /// What the state calls the event that goes, or went, out in place of the one that is accepted; only, and always, with
    /// <see cref="Disposition.Superseded"/>.
    /// </summary>
    public int? SupersededBy { get; init; }

    /// <summary>Until when the accepted event is not deleted: later ones may be superseded by it.</summary>
    public DateTimeOffset? KeepUntil { get; init; }

    /// <summary>What goes out of what is held.</summary>
    public CoalescedRelease? Release { get; init; }
}

/// <summary>The state of a key.</summary>
/// <param name="Bytes">Means nothing to the store.</param>
/// <param name="Refers">The numbers of the events that it refers to; the store may forget all others.</param>
/// <param name="ReleaseAt">When what is held is due to go out; <see langword="null"/>: nothing is held.</param>
/// <param name="ForgetAt">From when on the whole key may be forgotten, where nothing is held.</param>
public sealed record CoalescedState(
    ReadOnlyMemory<byte> Bytes, IReadOnlyList<int> Refers, DateTimeOffset? ReleaseAt, DateTimeOffset ForgetAt);

/// <summary>An event that goes out of what is held, due at once, its deliveries in the order of its key.</summary>
public sealed record CoalescedRelease
{
    /// <summary>What the state calls it.</summary>
    public required int Number { get; init; }

    /// <summary>A new event, without an id yet; <see langword="null"/>: the held one of that number, as it is.</summary>
    public WebhookEvent? Event { get; init; }

    /// <summary>The held events that it supersedes.</summary>
    public IReadOnlyList<int> TakesIn { get; init; } = [];

    /// <summary>How routing ended.</summary>
    public required Disposition Disposition { get; init; }

    /// <summary>Where it goes, each name once.</summary>
    public required IReadOnlyList<string> Destinations { get; init; }

    /// <summary>Until when it is not deleted: later ones may be superseded by it.</summary>
    public required DateTimeOffset KeepUntil { get; init; }
}

/// <summary>A key of a source that coalesces or reconciles, as it is stored.</summary>
/// <param name="Version">Another one after every change; never 0.</param>
/// <param name="State">What <see cref="CoalesceStep.State"/> was last.</param>
/// <param name="Events">The events that it refers to, by their numbers.</param>
/// <param name="ReleaseAt">When what is held is due to go out; <see langword="null"/>: nothing is held.</param>
public sealed record CoalescedKey(
    long Version, ReadOnlyMemory<byte> State, IReadOnlyDictionary<int, EventId> Events, DateTimeOffset? ReleaseAt);

/// <summary>What is held, and when it goes out.</summary>
/// <param name="Due">Keys of which something is due to go out, the longest due first.</param>
/// <param name="NextDue">When the next one will be; <see langword="null"/>: nothing else is held.</param>
/// <param name="Held">How many events are held, by source; sources of which none is are left out.</param>
public sealed record HeldKeys(
    IReadOnlyList<HeldKey> Due, DateTimeOffset? NextDue, IReadOnlyDictionary<string, long> Held);

/// <summary>A key of which something is held.</summary>
/// <param name="Source">The source's name; one that is no longer configured counts as well.</param>
/// <param name="Key">The key.</param>
public readonly record struct HeldKey(string Source, string Key);

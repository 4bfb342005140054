using HookGateway.Configuration;

namespace HookGateway.Coalesce;

/// <summary>How one source's updates are merged.</summary>
/// <param name="Quiet">How long after the last change what is held goes out.</param>
/// <param name="Max">How long after the first change it goes out in any case.</param>
/// <param name="Window">How long what went out counts: later, a change that is older than it would go out.</param>
internal sealed record MergeRules(TimeSpan Quiet, TimeSpan Max, TimeSpan Window)
{
    /// <summary>Fields held of one key, at most.</summary>
    public int MostFields { get; init; } = 256;

    /// <summary>Events held of one key, at most.</summary>
    public int MostEvents { get; init; } = 200;

    /// <summary>Characters of changes held of one key, at most.</summary>
    public int MostCharacters { get; init; } = 256 * 1024;

    /// <summary>Fields of one key that are known to have gone out, at most: beyond it those that were changed longest ago are forgotten.</summary>
    public int MostReleased { get; init; } = 1000;

    /// <summary>How long before the time of a record that was found a change must have been to be in it for certain.</summary>
    public TimeSpan Tolerance { get; init; } = new ReconcileConfiguration().Tolerance;

    /// <summary>
    /// Whether a record that was found can have what was never told although its change, or a later one, was: it is needless then only
    /// where something later went out.
    /// </summary>
    public bool Compares { get; init; }

    /// <summary>By how much a sender's clock may be ahead; a later timestamp counts as that.</summary>
    public TimeSpan Ahead { get; init; } = new ReconcileConfiguration().Overlap;

    /// <summary>When what is held goes out by itself; <see langword="null"/>: nothing is held.</summary>
    public DateTimeOffset? ReleaseAt(KeyState state)
    {
        if (state.Held.Count == 0)
            return null;

        var (quiet, max) = (state.Held.Max(held => held.At) + Quiet, state.Held.Min(held => held.At) + Max);
        return quiet < max ? quiet : max;
    }

    /// <summary>Whether more is held than may be.</summary>
    public bool IsTooMuch(KeyState state) =>
        state.Held.Count > MostEvents || state.Fields.Count > MostFields
        || state.Fields.Values.Sum(change => (long)change.Json.Length) > MostCharacters;
}

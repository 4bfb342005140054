namespace HookGateway.Coalesce;

/// <summary>What is to be done in one commit, as <see cref="Merge"/> decided it.</summary>
/// <param name="State">The key's state after it; <see langword="null"/>: as before.</param>
/// <param name="Event">What becomes of the event that came; <see langword="null"/> where none did.</param>
/// <param name="Release">What goes out of what is held.</param>
internal sealed record MergePlan(KeyState? State, EventPlan? Event, ReleasePlan? Release);

/// <summary>What becomes of an event that came. Closed: one of the nested kinds.</summary>
internal abstract record EventPlan
{
    private EventPlan()
    {
    }

    /// <summary>It goes out as it is.</summary>
    /// <param name="Number">What the state calls it from now on; <see langword="null"/>: nothing, it does not count as a release.</param>
    public sealed record Passes(int? Number) : EventPlan;

    /// <summary>It waits.</summary>
    /// <param name="Number">What the state calls it.</param>
    public sealed record IsHeld(int Number) : EventPlan;

    /// <summary>Another goes, or went, out in its place.</summary>
    /// <param name="By">What the state calls that one.</param>
    public sealed record IsSuperseded(int By) : EventPlan;
}

/// <summary>What goes out of what is held. Closed: one of the nested kinds.</summary>
/// <param name="Number">What the state calls the event that goes out.</param>
internal abstract record ReleasePlan(int Number)
{
    /// <summary>One held event, as it came.</summary>
    public sealed record Untouched(int Number) : ReleasePlan(Number);

    /// <summary>A new event, made of several or of a part of one.</summary>
    /// <param name="Number">What the state calls it.</param>
    /// <param name="Base">
    /// The held event whose body it gets; <see langword="null"/>: the one that came. Only the changes in it are replaced.
    /// </param>
    /// <param name="List">Where they stand in that body; <see langword="null"/> where it is kept as it is.</param>
    /// <param name="Changes">What takes their place, the oldest first.</param>
    /// <param name="TakesIn">The held events that go out with it.</param>
    public sealed record Merged(
        int Number, HeldEvent? Base, string? List, IReadOnlyList<FieldUpdate> Changes, IReadOnlyList<HeldEvent> TakesIn) : ReleasePlan(Number);
}

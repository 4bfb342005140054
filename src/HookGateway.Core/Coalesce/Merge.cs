namespace HookGateway.Coalesce;

/// <summary>
/// Decides what an event of a key does to what is held of it, and what goes out. It computes only: every engine's commit does
/// what it says, or, where the state has changed meanwhile, asks again (docs/decisions/0008-coalesce.md).
/// </summary>
internal static class Merge
{
    /// <summary>An event came.</summary>
    public static MergePlan Take(KeyState state, Incoming incoming, MergeRules rules)
    {
        state = state.Since(incoming.At - rules.Window);
        if (!incoming.GoesFurther || state.Found is null)
            return Decide(state, incoming, rules);

        var plan = Decide(state with { Found = null }, incoming, rules);
        return plan.State is null ? plan : plan with { State = plan.State with { Found = state.Found } };
    }

    /// <summary>The gateway made an event of the key's record, which it found as it was at a time.</summary>
    /// <param name="state">The key's.</param>
    /// <param name="time">When the record was last changed, in ticks.</param>
    /// <param name="destinations">Where the event goes.</param>
    /// <param name="at">When it was found.</param>
    /// <param name="rules">The source's.</param>
    public static MergePlan TakeFound(
        KeyState state, long time, IReadOnlyList<string> destinations, DateTimeOffset at, MergeRules rules)
    {
        state = state.Since(at - rules.Window);
        var until = time - rules.Tolerance.Ticks;
        if (LaterThan(state, time, rules) is { } later)
            return new MergePlan(null, new EventPlan.IsSuperseded(later), null);

        // What is held and older goes out before it, not in it: nobody knows whether it has all of its fields.
        var stays = state.Fields.Values.Where(held => held.Timestamp > until).ToDictionary(held => held.Field);
        var before = stays.Count == state.Fields.Count
            ? new MergePlan(After(state, [], stays, state.LastNumber, at, rules), null, null)
            : LetOut(state, stays, at, rules);
        var number = before.State!.LastNumber + 1;
        var after = before.State with { Found = new FoundRecord(time, number, at, destinations), LastNumber = number };
        return new MergePlan(after, new EventPlan.Passes(number), before.Release);
    }

    private static MergePlan Decide(KeyState state, Incoming incoming, MergeRules rules)
    {
        if (incoming.Changes.Count > 0 && incoming.Changes.All(change => IsInFound(state, change, rules)))
            return new MergePlan(null, new EventPlan.IsSuperseded(state.Found!.Number), null);

        return incoming.Kind switch
        {
            IncomingKind.Passing => Pass(state, incoming, rules),
            IncomingKind.Incremental when incoming.Changes.Count > 0 => Hold(state, incoming, rules),
            IncomingKind.Complete => Complete(state, incoming, rules),
            _ => Pass(state, incoming, rules),
        };
    }

    /// <summary>It is time: everything that is held goes out.</summary>
    /// <returns><see langword="null"/> where nothing is held.</returns>
    public static MergePlan? ReleaseAll(KeyState state, DateTimeOffset now, MergeRules rules) =>
        state.Held.Count == 0 ? null : Empty(state.Since(now - rules.Window), now, rules);

    private static MergePlan Pass(KeyState state, Incoming incoming, MergeRules rules)
    {
        var before = state.Held.Count == 0 ? new MergePlan(null, null, null) : Empty(state, incoming.At, rules);
        return before with { Event = new EventPlan.Passes(null) };
    }

    private static MergePlan Empty(KeyState state, DateTimeOffset now, MergeRules rules) => LetOut(state, [], now, rules);

    /// <summary>What is held goes out, but for what stays.</summary>
    private static MergePlan LetOut(KeyState state, Dictionary<string, FieldUpdate> stays, DateTimeOffset now, MergeRules rules)
    {
        var goes = state.Fields.Values.Where(held => !stays.ContainsKey(held.Field)).ToList();
        var from = state.Held.Where(held => !held.Fields.All(stays.ContainsKey)).ToList();
        var taken = Taken(state, stays);
        var latest = Latest(from);
        var isOne = from.Count == 1 && taken.Count == 1 && !latest.HasLost;
        ReleasePlan release = isOne && !latest.IsOvertaken
            ? new ReleasePlan.Untouched(latest.Number)
            : new ReleasePlan.Merged(state.LastNumber + 1, latest, isOne ? null : latest.List, Sorted(goes), taken);
        return new MergePlan(After(state, goes, stays, release.Number, now, rules), null, release);
    }

    private static MergePlan Hold(KeyState state, Incoming incoming, MergeRules rules)
    {
        var own = LatestOfEach(incoming.Changes);
        var fresh = own.Values.Where(change => !IsStale(state, change, rules)).ToList();
        if (fresh.Count == 0)
            return new MergePlan(null, new EventPlan.IsSuperseded(LastReleaseOf(state, own.Keys)), null);

        var fields = new Dictionary<string, FieldUpdate>(state.Fields);
        foreach (var change in fresh)
        {
            // Of two that are dated alike the one that came later wins.
            if (!fields.TryGetValue(change.Field, out var held) || held.Timestamp <= change.Timestamp)
                fields[change.Field] = change;
        }

        var number = state.LastNumber + 1;
        var added = new HeldEvent(
            number, incoming.At, own.Values.Max(change => change.Timestamp), HasLost: fresh.Count < own.Count, IsOvertaken: false,
            incoming.List, incoming.Trace, [.. fresh.Select(change => change.Field)]);
        var after = state with { Held = [.. state.Held, added], Fields = fields, LastNumber = number };
        return rules.IsTooMuch(after)
            ? GoOut(state, incoming, own, Sorted(fields.Values), [], rules)
            : new MergePlan(after, new EventPlan.IsHeld(number), null);
    }

    private static MergePlan Complete(KeyState state, Incoming incoming, MergeRules rules)
    {
        var own = LatestOfEach(incoming.Changes);
        var newest = own.Count == 0 ? long.MaxValue : own.Values.Max(change => change.Timestamp);

        // What is held and newer belongs to the next session, which has begun.
        var stays = state.Fields.Values
            .Where(held => held.Timestamp > (own.TryGetValue(held.Field, out var change) ? change.Timestamp : newest))
            .ToDictionary(held => held.Field);
        var goes = state.Fields.Values.Where(held => !stays.ContainsKey(held.Field)).ToDictionary(held => held.Field);
        foreach (var change in own.Values.Where(change => !IsStale(state, change, rules)))
            goes[change.Field] = change;

        return goes.Count == 0 && own.Count > 0
            ? new MergePlan(null, new EventPlan.IsSuperseded(LastReleaseOf(state, own.Keys)), null)
            : GoOut(state, incoming, own, Sorted(goes.Values), stays, rules);
    }

    /// <summary>The event that came goes out, with what is held and does not stay.</summary>
    private static MergePlan GoOut(
        KeyState state, Incoming incoming, Dictionary<string, FieldUpdate> own, IReadOnlyList<FieldUpdate> goes,
        Dictionary<string, FieldUpdate> stays, MergeRules rules)
    {
        var number = state.LastNumber + 1;
        var taken = Taken(state, stays);
        var after = After(state, goes, stays, number, incoming.At, rules);
        return taken.Count == 0 && goes.Count == own.Count && goes.All(change => own[change.Field] == change)
            ? new MergePlan(after, new EventPlan.Passes(number), null)
            : new MergePlan(
                after, new EventPlan.IsSuperseded(number), new ReleasePlan.Merged(number, null, incoming.List, goes, taken));
    }

    private static KeyState After(
        KeyState state, IEnumerable<FieldUpdate> released, Dictionary<string, FieldUpdate> stays, int number, DateTimeOffset now,
        MergeRules rules)
    {
        var known = new Dictionary<string, ReleasedField>(state.Released);
        foreach (var change in released)
            known[change.Field] = new ReleasedField(change.Timestamp, change.ValueHash, number, now);

        return state with
        {
            Held = [.. state.Held.Where(held => held.Fields.Any(stays.ContainsKey)).Select(held => Remaining(held, stays))],
            Fields = stays,
            Released = known.Count <= rules.MostReleased
                ? known
                : known.OrderByDescending(pair => pair.Value.Timestamp).Take(rules.MostReleased).ToDictionary(),
            LastNumber = Math.Max(state.LastNumber, number),
        };
    }

    /// <summary>The held events of which nothing stays.</summary>
    private static List<HeldEvent> Taken(KeyState state, Dictionary<string, FieldUpdate> stays) =>
        [.. state.Held.Where(held => !held.Fields.Any(stays.ContainsKey))];

    private static HeldEvent Remaining(HeldEvent held, Dictionary<string, FieldUpdate> stays)
    {
        List<string> fields = [.. held.Fields.Where(stays.ContainsKey)];
        return held with { HasLost = held.HasLost || fields.Count < held.Fields.Count, IsOvertaken = true, Fields = fields };
    }

    /// <summary>Whether what went out of the field is newer, or the same.</summary>
    private static bool IsStale(KeyState state, FieldUpdate change, MergeRules rules) =>
        IsInFound(state, change, rules)
        || (state.Released.TryGetValue(change.Field, out var released)
            && (change.Timestamp < released.Timestamp
                || (change.Timestamp == released.Timestamp && change.ValueHash == released.ValueHash)));

    /// <summary>Whether the record that was found has it, or what came after it.</summary>
    private static bool IsInFound(KeyState state, FieldUpdate change, MergeRules rules) =>
        change.Timestamp <= state.Found?.Time - rules.Tolerance.Ticks;

    /// <summary>
    /// The event that makes one of a record needless: one of the same or a later state of it, or what came of that change, or of a later
    /// one, and went out after it had been looked for.
    /// </summary>
    private static int? LaterThan(KeyState state, long time, MergeRules rules)
    {
        if (state.Found?.Time >= time)
            return state.Found.Number;

        var from = rules.Compares ? time + rules.Tolerance.Ticks + 1 : time - rules.Tolerance.Ticks;
        return state.Released.Values.Where(released => Math.Min(released.Timestamp, (released.At + rules.Ahead).UtcTicks) >= from)
            .Max(released => (int?)released.Number);
    }

    // At least one of the fields is among them: what is stale by the found record alone is superseded by that.
    private static int LastReleaseOf(KeyState state, IEnumerable<string> fields) =>
        fields.Max(field => state.Released.GetValueOrDefault(field).Number);

    private static HeldEvent Latest(IReadOnlyList<HeldEvent> held) =>
        held.Aggregate((latest, next) => next.Newest >= latest.Newest ? next : latest);

    private static Dictionary<string, FieldUpdate> LatestOfEach(IReadOnlyList<FieldUpdate> changes)
    {
        var latest = new Dictionary<string, FieldUpdate>();
        foreach (var change in changes)
        {
            if (!latest.TryGetValue(change.Field, out var other) || other.Timestamp <= change.Timestamp)
                latest[change.Field] = change;
        }

        return latest;
    }

    private static IReadOnlyList<FieldUpdate> Sorted(IEnumerable<FieldUpdate> changes) => [.. changes.OrderBy(change => change.Timestamp)];
}

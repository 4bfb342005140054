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

    private static MergePlan Empty(KeyState state, DateTimeOffset now, MergeRules rules)
    {
        var latest = Latest(state.Held);
        var isOne = state.Held.Count == 1 && !latest.HasLost;
        ReleasePlan release = isOne && !latest.IsOvertaken
            ? new ReleasePlan.Untouched(latest.Number)
            : new ReleasePlan.Merged(
                state.LastNumber + 1, latest, isOne ? null : latest.List, Sorted(state.Fields.Values), state.Held);
        return new MergePlan(After(state, state.Fields.Values, [], release.Number, now, rules), null, release);
    }

    private static MergePlan Hold(KeyState state, Incoming incoming, MergeRules rules)
    {
        var own = LatestOfEach(incoming.Changes);
        var fresh = own.Values.Where(change => !IsStale(state, change)).ToList();
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
        foreach (var change in own.Values.Where(change => !IsStale(state, change)))
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
        var taken = state.Held.Where(held => !held.Fields.Any(stays.ContainsKey)).ToList();
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

        return new KeyState
        {
            Held = [.. state.Held.Where(held => held.Fields.Any(stays.ContainsKey)).Select(held => Remaining(held, stays))],
            Fields = stays,
            Released = known.Count <= rules.MostReleased
                ? known
                : known.OrderByDescending(pair => pair.Value.Timestamp).Take(rules.MostReleased).ToDictionary(),
            LastNumber = Math.Max(state.LastNumber, number),
        };
    }

    private static HeldEvent Remaining(HeldEvent held, Dictionary<string, FieldUpdate> stays)
    {
        List<string> fields = [.. held.Fields.Where(stays.ContainsKey)];
        return held with { HasLost = held.HasLost || fields.Count < held.Fields.Count, IsOvertaken = true, Fields = fields };
    }

    /// <summary>Whether what went out of the field is newer, or the same.</summary>
    private static bool IsStale(KeyState state, FieldUpdate change) =>
        state.Released.TryGetValue(change.Field, out var released)
        && (change.Timestamp < released.Timestamp
            || (change.Timestamp == released.Timestamp && change.ValueHash == released.ValueHash));

    private static int LastReleaseOf(KeyState state, IEnumerable<string> fields) => fields.Max(field => state.Released[field].Number);

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

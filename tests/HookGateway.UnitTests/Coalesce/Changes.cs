using HookGateway.Coalesce;

namespace HookGateway.UnitTests.Coalesce;

/// <summary>Events and changes as the tests of merging write them.</summary>
internal static class Changes
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly MergeRules Rules = new(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(24));

    /// <summary>Changes written as <c>field@time=value</c>, side by side; the value is the time where it is not given.</summary>
    public static IReadOnlyList<FieldUpdate> Of(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(One)];

    public static Incoming Incremental(string changes, int second = 0) => Event(IncomingKind.Incremental, changes, second);

    public static Incoming Complete(string changes, int second = 0) => Event(IncomingKind.Complete, changes, second);

    public static Incoming Passing(int second = 0) => Event(IncomingKind.Passing, "", second);

    /// <summary>Changes as <see cref="Of"/> reads them.</summary>
    public static string Text(IEnumerable<FieldUpdate> changes) => string.Join(' ', changes.Select(change => change.Json));

    private static Incoming Event(IncomingKind kind, string changes, int second) =>
        new(kind, Start.AddSeconds(second), Of(changes), "updates", "");

    private static FieldUpdate One(string text)
    {
        var at = text.Split('@', '=');
        return new FieldUpdate(at[0], long.Parse(at[1]), (at.Length > 2 ? at[2] : at[1]).GetHashCode(StringComparison.Ordinal), text);
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using HookGateway.Coalesce;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>reconcile</c> of a source.</summary>
internal static class ReconcileReader
{
    private const int MostCompared = 50;

    private static readonly Kind<TimeSpan> Interval = Kinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
    private static readonly Kind<TimeSpan> Grace = Kinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    private static readonly Kind<TimeSpan> Overlap = Kinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    private static readonly Kind<TimeSpan> Tolerance = Kinds.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
    private static readonly Kind<Start> From = new("now, or a time such as 2026-01-31T08:00:00Z", TryReadStart);

    private static readonly Kind<string> Field = Kinds.Matching("the name of a field: letters, digits and _", IsField);

    private static readonly Kind<string> ToldField = Kinds.Matching(
        "a field's name in webhooks, of 1 to 200 characters", text => text.Length is > 0 and <= UpdateList.LongestField);

    private static readonly Kind<string> EventName = Kinds.Matching(
        "an event's name of 1 to 200 characters", text => text.Length is > 0 and <= 200 && !text.Any(char.IsControl));

    public static ReconcileConfiguration Read(MappingReader reconcile)
    {
        var defaults = new ReconcileConfiguration();
        return new ReconcileConfiguration
        {
            Interval = reconcile.Value("interval", Interval, defaults.Interval),
            Grace = reconcile.Value("grace", Grace, defaults.Grace),
            Overlap = reconcile.Value("overlap", Overlap, defaults.Overlap),
            Tolerance = reconcile.Value("tolerance", Tolerance, defaults.Tolerance),
            From = reconcile.Value("from", From, new Start(null)).Time,
            Fields = [.. reconcile.List("fields", Field, []).Distinct()],
            Compare = reconcile.Section("compare", ReadCompare, []),
            Id = reconcile.Value("id", Field, defaults.Id)!,
            UpdateTime = reconcile.Value("updateTime", Field, defaults.UpdateTime)!,
            Event = reconcile.Value("event", EventName, defaults.Event)!,
        };
    }

    /// <summary>What it needs of the source that it stands in.</summary>
    public static void Check(MappingReader source, SourceConfiguration read)
    {
        if (read.Reconcile is not { } reconcile)
            return;

        if (!source.Has("api"))
            source.Fault("reconcile", "needs api beside it: where the changes are looked for");
        if (!source.Has("key"))
            source.Fault("reconcile", "needs key beside it: which record an event is about");
        if (read.Dedupe.Window < reconcile.Overlap + reconcile.Interval)
        {
            source.Fault(
                "reconcile",
                "overlap and interval together are longer than dedupe.window: what was found once would be found again. Lengthen the window");
        }
    }

    private static IReadOnlyList<KeyValuePair<string, string>> ReadCompare(MappingReader compare)
    {
        if (compare.Keys.Count > MostCompared)
            compare.FaultHere($"more than {MostCompared} fields");

        foreach (var name in compare.Keys.Where(name => !IsField(name)))
            compare.FaultKey(name, $"{Quote.Of(name)} is not {Field.Expected}");

        return [.. compare.Keys.Where(compare.Has).Select(name => KeyValuePair.Create(name, compare.Value(name, ToldField, "")))];
    }

    private static bool IsField(string text) =>
        text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static bool TryReadStart(string text, [MaybeNullWhen(false)] out Start start)
    {
        DateTimeOffset time = default;
        var isTime = text.Length >= 10 && text[4] == '-' && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
        start = new Start(isTime ? time : null);
        return isTime || text == "now";
    }

    private sealed record Start(DateTimeOffset? Time);
}

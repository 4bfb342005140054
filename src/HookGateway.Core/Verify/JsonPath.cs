using System.Text.Json;

namespace HookGateway.Verify;

/// <summary>
/// The part of JMESPath that needs no document: names and indexes, <c>event.type</c>, <c>value[0]."change type"</c>.
/// </summary>
internal sealed record JsonPath(IReadOnlyList<JsonPath.Step> Steps)
{
    /// <summary>Reads a plain path; <see langword="null"/> where the text is anything else, valid or not.</summary>
    public static JsonPath? TryParse(string text)
    {
        var steps = new List<Step>();
        var at = 0;
        while (at < text.Length)
        {
            var isFirst = steps.Count == 0;
            if (text[at] == '[')
            {
                if (TakeIndex(text, ref at) is not { } index) return null;
                steps.Add(new Step(null, index));
                continue;
            }

            if (!isFirst && text[at++] != '.') return null;
            if (TakeName(text, ref at) is not { } name) return null;
            steps.Add(new Step(name, 0));
        }

        return steps.Count > 0 ? new JsonPath(steps) : null;
    }

    private static int? TakeIndex(string text, ref int at)
    {
        var close = text.IndexOf(']', at);
        if (close < 0) return null;
        var digits = text.AsSpan((at + 1)..close);
        at = close + 1;
        return digits.Length is > 0 and < 10 && !digits.ContainsAnyExceptInRange('0', '9') ? int.Parse(digits) : null;
    }

    private static string? TakeName(string text, ref int at)
    {
        if (at < text.Length && text[at] == '"') return TakeQuoted(text, ref at);
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_')) at++;
        return at > start && !char.IsAsciiDigit(text[start]) ? text[start..at] : null;
    }

    private static string? TakeQuoted(string text, ref int at)
    {
        var start = at++;
        while (at < text.Length && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
        if (at >= text.Length) return null;
        at++;
        try
        {
            using var quoted = JsonDocument.Parse(text.AsMemory(start..at));
            return quoted.RootElement.GetString();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>One step: a property's name or, where that is <see langword="null"/>, an index from 0.</summary>
    internal readonly record struct Step(string? Name, int Index);
}

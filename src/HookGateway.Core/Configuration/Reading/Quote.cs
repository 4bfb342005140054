namespace HookGateway.Configuration.Reading;

/// <summary>Puts what stands in the file into a message.</summary>
internal static class Quote
{
    private const int Longest = 60;

    /// <summary>In quotes, on one line, shortened where it is long.</summary>
    public static string Of(string text)
    {
        var shown = text.Length > Longest ? string.Concat(text.AsSpan(0, Longest), "…") : text;
        return $"'{string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c))}'";
    }
}

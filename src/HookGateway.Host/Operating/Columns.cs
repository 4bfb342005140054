namespace HookGateway.Host.Operating;

/// <summary>A table for people: columns as wide as they need, two spaces between, nothing cut off.</summary>
internal static class Columns
{
    /// <param name="head">The first line.</param>
    /// <param name="rows">The others, each with as many cells.</param>
    public static IEnumerable<string> Align(string[] head, IEnumerable<string[]> rows)
    {
        string[][] all = [head, .. rows];
        var widths = head.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        return all.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}

namespace HookGateway.Configuration.Reading;

/// <summary>Finds what a misspelt word was meant to be.</summary>
internal static class Suggestion
{
    private const int MaxListed = 20;
    private const int LongestWord = 64;

    /// <summary><c>; did you mean 'x'?</c> where one known word is near, else the known words.</summary>
    public static string For(string given, IReadOnlyCollection<string> known, string kind)
    {
        // Of two equally near the longer one: letters are left out more often than added.
        var nearest = known.Select(word => (Word: word, Distance: Distance(given, word))).DefaultIfEmpty()
            .MinBy(pair => (pair.Distance, -(pair.Word?.Length ?? 0)));
        if (nearest.Word is not null && nearest.Distance <= Math.Clamp(given.Length / 3, 1, 3))
            return $"; did you mean {Quote.Of(nearest.Word)}?";
        return known.Count == 0 ? $"; there is no {kind}" : $"; known: {List(known)}";
    }

    private static string List(IReadOnlyCollection<string> known) =>
        string.Join(", ", known.Take(MaxListed)) + (known.Count > MaxListed ? ", …" : "");

    /// <summary>Letters inserted, left out, replaced or swapped with their neighbour; case does not count.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > LongestWord || Math.Abs(a.Length - b.Length) > 3)
            return int.MaxValue;
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
                rows[i, j] = i == 0 ? j : j == 0 ? i : Step(rows, a, b, i, j);
        }

        return rows[a.Length, b.Length];
    }

    private static int Step(int[,] rows, string a, string b, int i, int j)
    {
        var cost = Same(a[i - 1], b[j - 1]) ? 0 : 1;
        var best = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
        var swapped = i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]);
        return swapped ? Math.Min(best, rows[i - 2, j - 2] + 1) : best;
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}

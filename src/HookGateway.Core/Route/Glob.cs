namespace HookGateway.Route;

/// <summary>
/// A pattern in which <c>*</c> stands for any run of characters, also none. Each literal is looked for once, from where
/// the one before it was found, and never again: no name makes it slow, whatever the pattern.
/// </summary>
internal readonly struct Glob
{
    private readonly string _prefix;
    private readonly string[] _inner;
    private readonly string _suffix;

    public Glob(string pattern)
    {
        var literals = pattern.Split('*');
        IsExact = literals.Length == 1;
        _prefix = literals[0];
        _inner = IsExact ? [] : [.. literals[1..^1].Where(literal => literal.Length > 0)];
        _suffix = IsExact ? "" : literals[^1];
    }

    /// <summary>Whether some name is matched by both patterns.</summary>
    public static bool Overlap(string one, string other)
    {
        // From the ends: whether the rest of the one from i, and of the other from j, have a name in common.
        var below = new bool[other.Length + 1];
        for (var i = one.Length; i >= 0; i--)
        {
            var row = new bool[other.Length + 1];
            for (var j = other.Length; j >= 0; j--)
            {
                row[j] = (i == one.Length && j == other.Length)
                    || (i < one.Length && one[i] == '*' && (below[j] || (j < other.Length && row[j + 1])))
                    || (j < other.Length && other[j] == '*' && (row[j + 1] || (i < one.Length && below[j])))
                    || (i < one.Length && j < other.Length && one[i] == other[j] && below[j + 1]);
            }

            below = row;
        }

        return below[0];
    }

    /// <summary>Whether there is no star in it.</summary>
    public bool IsExact { get; }

    public bool Matches(ReadOnlySpan<char> name)
    {
        if (IsExact) return name.SequenceEqual(_prefix);
        if (name.Length < _prefix.Length + _suffix.Length || !name.StartsWith(_prefix) || !name.EndsWith(_suffix)) return false;
        var rest = name[_prefix.Length..^_suffix.Length];
        foreach (var literal in _inner)
        {
            var at = rest.IndexOf(literal);
            if (at < 0) return false;
            rest = rest[(at + literal.Length)..];
        }

        return true;
    }
}

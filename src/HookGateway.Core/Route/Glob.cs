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

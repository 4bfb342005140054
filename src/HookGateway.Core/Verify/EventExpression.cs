namespace HookGateway.Verify;

/// <summary>Where a value is found in a request, compiled from configuration. Closed: one of the nested kinds.</summary>
internal abstract record EventExpression
{
    private EventExpression()
    {
    }

    /// <exception cref="FormatException">The message says what is wrong with <paramref name="text"/>.</exception>
    public static EventExpression Compile(string text)
    {
        text = text.Trim();
        if (NameAfter("header:", text) is { } header) return new Header(header);
        if (NameAfter("query:", text) is { } query) return new Query(query);
        if (NameAfter("form:", text) is { } form) return new Form(form);
        if (IsConstant(text)) return new Constant(text[1..^1]);
        return JsonPath.TryParse(text) is { } path ? new Path(path) : new Computed(JmesQuery.Compile(text));
    }

    private static string? NameAfter(string prefix, string text)
    {
        if (!text.StartsWith(prefix, StringComparison.Ordinal)) return null;
        var name = text[prefix.Length..].Trim();
        return name.Length > 0 ? name : throw new FormatException($"`{prefix}` needs a name after it");
    }

    // With a backslash or another quote inside, it is left to the library to say what it means.
    private static bool IsConstant(string text) =>
        text.Length >= 2 && text[0] == '\'' && text[^1] == '\'' && !text.AsSpan(1, text.Length - 2).ContainsAny('\'', '\\');

    /// <summary><c>header:NAME</c>.</summary>
    public sealed record Header(string Name) : EventExpression;

    /// <summary><c>query:NAME</c>.</summary>
    public sealed record Query(string Name) : EventExpression;

    /// <summary><c>form:NAME</c>.</summary>
    public sealed record Form(string Name) : EventExpression;

    /// <summary><c>'text'</c>.</summary>
    public sealed record Constant(string Text) : EventExpression;

    /// <summary>A plain path into the JSON body.</summary>
    public sealed record Path(JsonPath Steps) : EventExpression;

    /// <summary>Any other JMESPath on the JSON body.</summary>
    public sealed record Computed(JmesQuery Expression) : EventExpression;
}

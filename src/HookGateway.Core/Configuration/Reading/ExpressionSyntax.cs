using DevLab.JmesPath;

namespace HookGateway.Configuration.Reading;

/// <summary>The notation of <c>event</c>, <c>id</c> and <c>key</c>: a place in the request, or JMESPath on the body.</summary>
internal static class ExpressionSyntax
{
    // An expression is evaluated by recursion: its length bounds how deep that can go.
    private const int MaxLength = 1000;
    private const string Header = "header:";
    private static readonly string[] NamedPlaces = [Header, "query:", "form:"];

    public static bool IsValid(string text) => Fault(text) is null;

    /// <summary>For a message: what the JMESPath parser makes of it.</summary>
    public static string Explain(string text) => Fault(text) is { Length: > 0 } fault ? $" ({fault})" : "";

    /// <summary>Whether it is JMESPath, and no other place in the request.</summary>
    public static bool IsQuery(string text) => QueryFault(text) is null;

    /// <summary>For a message: what the JMESPath parser makes of it.</summary>
    public static string ExplainQuery(string text) => QueryFault(text) is { Length: > 0 } fault ? $" ({fault})" : "";

    private static string? Fault(string text)
    {
        if (text.Length > MaxLength)
            return $"longer than {MaxLength} characters";
        var place = Array.Find(NamedPlaces, place => text.StartsWith(place, StringComparison.Ordinal));
        if (place is not null)
        {
            var name = text[place.Length..];
            if (place == Header)
                return Kinds.IsHeaderName(name) ? null : "not the name of a header";
            return name.Length == 0 ? "no name" : null;
        }

        return QueryFault(text);
    }

    private static string? QueryFault(string text)
    {
        if (text.Length > MaxLength)
            return $"longer than {MaxLength} characters";
        try
        {
            new JmesPath().Parse(text);
            return null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The library throws plain Exception for everything, and other types for some malformed literals.
            return text.Trim().Length == 0 ? "" : exception.Message.TrimEnd('.');
        }
    }
}

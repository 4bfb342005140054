using System.Text.RegularExpressions;

namespace HookGateway.Host.Sending;

/// <summary>Where a source finds a value in a request, as far as a sender can put one there.</summary>
internal abstract partial record ValuePlace
{
    private ValuePlace()
    {
    }

    /// <summary>A header.</summary>
    public sealed record Header(string Name) : ValuePlace;

    /// <summary>A property of the body's outermost object.</summary>
    public sealed record Property(string Name) : ValuePlace;

    /// <summary>The place that an expression of the configuration names; <see langword="null"/> for anything less plain.</summary>
    public static ValuePlace? Of(string expression) => expression switch
    {
        _ when expression.StartsWith("header:", StringComparison.Ordinal) => new Header(expression["header:".Length..]),
        _ when Identifier().IsMatch(expression) => new Property(expression),
        _ => null,
    };

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Identifier();
}

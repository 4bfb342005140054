using System.Diagnostics.CodeAnalysis;

namespace HookGateway.Configuration.Reading;

/// <summary>Reads a value from its text.</summary>
internal delegate bool TryRead<T>(string text, [MaybeNullWhen(false)] out T value);

/// <summary>What the text of a value must be.</summary>
/// <param name="Expected">For the message: <c>a duration such as 10s</c>.</param>
/// <param name="TryRead">Reads it.</param>
internal sealed record Kind<T>(string Expected, TryRead<T> TryRead)
{
    /// <summary>Whether the text may be a secret, or hold one: then no message shows it.</summary>
    public bool MayBeSecret { get; init; }

    /// <summary>Adds to the message what the wrong text was perhaps meant to be.</summary>
    public Func<string, string>? Hint { get; init; }
}

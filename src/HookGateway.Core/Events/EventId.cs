using System.Diagnostics.CodeAnalysis;

namespace HookGateway.Events;

/// <summary>
/// The gateway's own id of an event, given by the store at acceptance: a UUIDv7 (RFC 9562), so ids sort by the time of
/// acceptance. It is what a sender reads in the answer and what every downstream gets as <c>webhook-id</c>, the same at
/// every attempt.
/// </summary>
public readonly record struct EventId(Guid Value)
{
    /// <summary>The lower-case form with dashes, as it stands in answers, headers, logs and traces.</summary>
    public override string ToString() => Value.ToString("D");

    /// <summary>Reads the form that <see cref="ToString"/> writes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EventId id)
    {
        var parsed = Guid.TryParseExact(text, "D", out var value);
        id = new EventId(value);
        return parsed;
    }
}

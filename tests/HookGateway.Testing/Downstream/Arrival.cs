namespace HookGateway.Testing.Downstream;

/// <summary>One request as a receiver got it.</summary>
/// <param name="Number">The how-manieth of the receiver, from 1.</param>
/// <param name="Attempt">The how-manieth under its webhook-id, from 1, as the receiver counted.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">By name, whatever the case; several values joined by a comma.</param>
/// <param name="Body">Byte for byte.</param>
/// <param name="At">When it had arrived whole.</param>
/// <param name="Protocol">As in <c>HTTP/1.1</c>.</param>
public sealed record Arrival(
    int Number, int Attempt, string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body,
    DateTimeOffset At, string Protocol)
{
    /// <summary>The header's value; <see langword="null"/> where it is absent.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The event's id; <see langword="null"/> where the header is absent.</summary>
    public string? WebhookId => Header("webhook-id");
}

using System.Text.Json;

namespace HookGateway.Testing.Senders;

/// <summary>What a sender was answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">By name, whatever the case; content headers among them.</param>
/// <param name="Body">As text.</param>
public sealed record SenderAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>The event's id in the gateway; <see langword="null"/> where the answer has none.</summary>
    public string? Id => Property("id");

    /// <summary><c>accepted</c> or <c>duplicate</c>; <see langword="null"/> where the answer has none.</summary>
    public string? Result => Property("status");

    /// <summary>The header's value; <see langword="null"/> where it is absent.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    private string? Property(string name)
    {
        if (!Body.StartsWith('{'))
            return null;
        using var document = JsonDocument.Parse(Body);
        return document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
    }
}

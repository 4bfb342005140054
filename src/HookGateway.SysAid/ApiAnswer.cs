using System.Text;
using System.Text.Json;

namespace HookGateway.SysAid;

/// <summary>What SysAid answered, whatever it was.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">Byte for byte, 16 MiB at most.</param>
internal sealed record ApiAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    private const int MaxDepth = 64;
    private const int LongestMessage = 1000;

    /// <summary>Whether it was done: a 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and <= 299;

    /// <summary>The body as JSON; <see langword="null"/> where it is none, or nested deeper than 64 levels.</summary>
    public JsonElement? Json { get; } = Parse(Body);

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The list in it, bare or under <c>data</c>; <see langword="null"/> where it has none.</summary>
    public IReadOnlyList<JsonElement>? Items => Json switch
    {
        { ValueKind: JsonValueKind.Array } bare => [.. bare.EnumerateArray()],
        { ValueKind: JsonValueKind.Object } wrapped when wrapped.TryGetProperty("data", out var data)
            && data.ValueKind == JsonValueKind.Array => [.. data.EnumerateArray()],
        _ => null,
    };

    /// <summary>An error's <c>message</c>, word for word, 1,000 characters at most; <see langword="null"/> where there is none.</summary>
    public string? Message =>
        Json is { ValueKind: JsonValueKind.Object } error && error.TryGetProperty("message", out var message)
            && message.ValueKind == JsonValueKind.String && JsonText.Of(message) is { } text
            ? text.Length > LongestMessage ? $"{text[..LongestMessage]}…" : text
            : null;

    /// <summary>Without the body, which can hold a secret.</summary>
    public override string ToString() => $"HTTP {Status}";

    private static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return body.IsEmpty ? null : JsonElement.Parse(body.Span, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Reads text out of JSON that somebody else wrote.</summary>
internal static class JsonText
{
    /// <summary>
    /// The text of a string, or a number as it is written; <see langword="null"/> for anything else, and for half characters.
    /// </summary>
    public static string? Of(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

using System.Text;
using System.Text.Json;

namespace HookGateway.Verify;

/// <summary>
/// Where a value lies in a JSON body; <see langword="default"/> where it is absent. No text is made before it is needed.
/// </summary>
internal readonly struct JsonSlice
{
    private readonly int _start;
    private readonly int _length;
    private readonly JsonTokenType _type;

    /// <param name="start">Where its text begins, behind the quote of a string.</param>
    /// <param name="length">The length of its text in bytes; of no meaning for an object or array.</param>
    /// <param name="type">What it is.</param>
    /// <param name="isEscaped">Whether a string has escapes.</param>
    public JsonSlice(int start, int length, JsonTokenType type, bool isEscaped)
    {
        _start = start;
        _length = length;
        _type = type;
        IsEscaped = isEscaped;
    }

    public bool IsEscaped { get; }

    /// <summary>Whether it is an object or an array, and so has no text.</summary>
    public bool IsStructure => _type is JsonTokenType.StartObject or JsonTokenType.StartArray;

    public static JsonSlice Of(in Utf8JsonReader reader)
    {
        var quote = reader.TokenType == JsonTokenType.String ? 1 : 0;
        var start = (int)reader.TokenStartIndex + quote;
        return new JsonSlice(start, reader.ValueSpan.Length, reader.TokenType, reader.ValueIsEscaped);
    }

    /// <summary>A string's text, a number as it is written, <c>true</c> or <c>false</c>; else <see langword="null"/>.</summary>
    /// <exception cref="InvalidOperationException">An escape stands for half a character.</exception>
    public string? ToText(ReadOnlySpan<byte> body) => _type switch
    {
        JsonTokenType.String when IsEscaped => Unescape(body.Slice(_start - 1, _length + 2)),
        JsonTokenType.String or JsonTokenType.Number => Encoding.UTF8.GetString(body.Slice(_start, _length)),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => null,
    };

    private static string? Unescape(ReadOnlySpan<byte> quoted)
    {
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString();
    }
}

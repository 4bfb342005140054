using System.Text;
using System.Text.Json;
using HookGateway.Verify;

namespace HookGateway.Coalesce;

/// <summary>Finds where values lie in JSON, so that what lies there can be copied or replaced byte for byte.</summary>
internal static class JsonPlace
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPathTree.MaxDepth };

    /// <summary>Where the value of a path lies; of a property that is repeated the last one counts.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static Range? Find(ReadOnlySpan<byte> json, JsonPath path)
    {
        Range? found = json.StartsWith("\uFEFF"u8) ? 3.. : Range.All;
        foreach (var step in path.Steps)
        {
            var (offset, length) = found.Value.GetOffsetAndLength(json.Length);
            if (Child(json.Slice(offset, length), step) is not { } child)
                return null;

            found = (offset + child.Start.Value)..(offset + child.End.Value);
        }

        return found;
    }

    /// <summary>Where each element of an array lies; <see langword="null"/> where it is none.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static List<Range>? Elements(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return null;

        var elements = new List<Range>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            elements.Add(Pass(ref reader));

        return elements;
    }

    /// <summary>A value's text: of a text what it says, of anything else how it is written; <see langword="null"/> of a null.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">An escape stands for half a character.</exception>
    public static string? Text(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Null => null,
            _ => Encoding.UTF8.GetString(json),
        };
    }

    private static Range? Child(ReadOnlySpan<byte> json, JsonPath.Step step)
    {
        if (step.Name is null)
            return Elements(json) is { } elements && step.Index < elements.Count ? elements[step.Index] : null;

        var reader = new Utf8JsonReader(json, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;

        Range? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals(step.Name);
            reader.Read();
            var place = Pass(ref reader);
            if (isWanted)
                found = place;
        }

        return found;
    }

    private static Range Pass(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }
}

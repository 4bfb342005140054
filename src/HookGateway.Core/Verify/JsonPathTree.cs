using System.Text.Json;
using System.Text.Unicode;

namespace HookGateway.Verify;

/// <summary>
/// All plain paths that a source wants, taken from a body in one pass over its bytes. The pass reads the body to its end, so
/// what comes out of it is valid JSON throughout.
/// </summary>
internal sealed class JsonPathTree
{
    /// <summary>The deepest nesting that is read.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    private readonly JsonPathNode _root = new();
    private readonly List<JsonPath> _paths = [];

    /// <summary>How many different paths were added: the number of slots that <see cref="Read"/> fills.</summary>
    public int Count => _paths.Count;

    /// <summary>Adds a path, before the first reading.</summary>
    /// <returns>The slot of its value.</returns>
    public int Add(JsonPath path)
    {
        var known = _paths.FindIndex(other => other.Steps.SequenceEqual(path.Steps));
        if (known >= 0) return known;
        var slot = _paths.Count;
        _paths.Add(path);
        _root.Add(path.Steps, slot);
        return slot;
    }

    /// <summary>Reads a whole body, and where each path's value lies in it.</summary>
    /// <param name="body">The body, without a byte order mark.</param>
    /// <param name="found">Room for <see cref="Count"/> values; those that are absent stay <see langword="default"/>.</param>
    /// <returns>What is wrong with the body, for the sender; <see langword="null"/> where it is valid.</returns>
    public string? Read(ReadOnlySpan<byte> body, Span<JsonSlice> found)
    {
        found.Clear();
        if (body.IsEmpty) return "The body is empty; this source takes JSON.";
        if (!Utf8.IsValid(body)) return "The body is not valid UTF-8.";
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            if (!new JsonScanner(body, found).TryScan(_root))
                ReadAgain(ref reader, found);

            return AreDecodable(body, found[..Count]) ? null : "The body escapes text that is not valid Unicode.";
        }
        catch (JsonException problem)
        {
            var what = reader.CurrentDepth < MaxDepth - 1 ? "" : $" or nested deeper than {MaxDepth} levels";
            return $"The body is not valid JSON{what}, at line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1}.";
        }
        catch (InvalidOperationException)
        {
            // Comparing an escaped property name with a wanted one unescapes it.
            return "The body escapes text that is not valid Unicode.";
        }
    }

    private void ReadAgain(ref Utf8JsonReader reader, Span<JsonSlice> found)
    {
        found.Clear();
        reader.Read();
        ReadValue(ref reader, _root, found);

        // Finds whatever stands behind the value.
        reader.Read();
    }

    private static void ReadValue(ref Utf8JsonReader reader, JsonPathNode node, Span<JsonSlice> found)
    {
        if (node.Slot >= 0) found[node.Slot] = JsonSlice.Of(reader);
        if (reader.TokenType == JsonTokenType.StartObject && node.Properties.Length > 0) ReadObject(ref reader, node, found);
        else if (reader.TokenType == JsonTokenType.StartArray && node.Elements.Length > 0) ReadArray(ref reader, node, found);
        else reader.Skip();
    }

    private static void ReadObject(ref Utf8JsonReader reader, JsonPathNode node, Span<JsonSlice> found)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var child = node.Property(reader);
            reader.Read();
            if (child is null)
            {
                reader.Skip();
                continue;
            }

            // Of a repeated property the last counts, and with it only what the last one holds.
            child.Clear(found);
            ReadValue(ref reader, child, found);
        }
    }

    private static void ReadArray(ref Utf8JsonReader reader, JsonPathNode node, Span<JsonSlice> found)
    {
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (node.Element(index) is { } child) ReadValue(ref reader, child, found);
            else reader.Skip();
        }
    }

    private static bool AreDecodable(ReadOnlySpan<byte> body, ReadOnlySpan<JsonSlice> found)
    {
        foreach (var slice in found)
        {
            if (slice.IsEscaped) _ = slice.ToText(body);
        }

        return true;
    }
}

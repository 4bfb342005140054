using System.Text;
using System.Text.Json;
using Fluid;
using Fluid.Values;

namespace HookGateway.Deliver;

/// <summary>An event's body as a template sees it: the JSON document, or the text where it is none.</summary>
internal static class BodyValue
{
    public static FluidValue Of(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith("\uFEFF"u8))
            body = body["\uFEFF"u8.Length..];

        try
        {
            using var document = JsonDocument.Parse(body);
            return Of(document.RootElement);
        }
        catch (JsonException)
        {
            return new StringValue(Encoding.UTF8.GetString(body.Span));
        }
    }

    private static FluidValue Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => OfObject(element),
        JsonValueKind.Array => new ArrayValue(element.EnumerateArray().Select(Of).ToArray()),
        JsonValueKind.String => new StringValue(TextOf(element)),

        // A number that is larger or finer than a decimal stays as it is written.
        JsonValueKind.Number => element.TryGetDecimal(out var number)
            ? NumberValue.Create(number)
            : new StringValue(element.GetRawText()),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        _ => NilValue.Instance,
    };

    private static DictionaryValue OfObject(JsonElement element)
    {
        var properties = new Dictionary<string, FluidValue>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
            properties[property.Name] = Of(property.Value);

        return new DictionaryValue(new FluidValueDictionaryFluidIndexable(properties));
    }

    private static string TextOf(JsonElement element)
    {
        try
        {
            return element.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // An escape that stands for half a character.
            return element.GetRawText();
        }
    }
}

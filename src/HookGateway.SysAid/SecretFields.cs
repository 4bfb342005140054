using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace HookGateway.SysAid;

/// <summary>
/// Finds what looks like a secret in an answer whose shape nobody has published: fields whose name says secret, token, key,
/// signature or password.
/// </summary>
internal static class SecretFields
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    private static readonly string[] Words = ["secret", "token", "key", "signature", "password"];

    /// <summary>The same JSON without what looks like a secret.</summary>
    /// <param name="json">What SysAid answered.</param>
    /// <param name="isIndented">Whether it is laid out for people.</param>
    /// <param name="found">Gets each field's path and value.</param>
    public static string Masked(JsonElement json, bool isIndented, ICollection<KeyValuePair<string, string>> found)
    {
        using var text = new MemoryStream();
        var options = new JsonWriterOptions
        {
            Indented = isIndented,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var writer = new Utf8JsonWriter(text, options))
            Write(writer, json, "", isSecret: false, found);

        return Encoding.UTF8.GetString(text.ToArray());
    }

    private static void Write(
        Utf8JsonWriter writer, JsonElement value, string path, bool isSecret, ICollection<KeyValuePair<string, string>> found)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var field in value.EnumerateObject())
                {
                    writer.WritePropertyName(field.Name);
                    var inner = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
                    Write(writer, field.Value, inner, isSecret || IsSecret(field.Name), found);
                }

                writer.WriteEndObject();
                break;

            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var (index, item) in value.EnumerateArray().Index())
                    Write(writer, item, $"{path}[{index}]", isSecret, found);

                writer.WriteEndArray();
                break;

            case JsonValueKind.String or JsonValueKind.Number when isSecret && JsonText.Of(value) is { Length: > 0 } secret:
                found.Add(new(path, secret));
                writer.WriteStringValue(Mask);
                break;

            case JsonValueKind.String:
                writer.WriteStringValue(JsonText.Of(value) ?? "\uFFFD");
                break;

            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static bool IsSecret(string name) => Words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));
}

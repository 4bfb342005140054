using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HookGateway.Deliver;

/// <summary>
/// Gets the plain text out of what Java's <c>toString</c> makes of SysAid's rich text: the HTML under <c>text</c> of each
/// <c>jsonContent={…}</c>. How SysAid lays this out is known from one published sample, so whatever is different gives nothing.
/// </summary>
internal static partial class JavaText
{
    private const int MaxLength = 256 * 1024;

    // With the length, this bounds the work: each part is parsed at most once to the end.
    private const int MaxParts = 20;

    /// <summary>The parts' texts, a line between them; empty where there are none. Never throws.</summary>
    /// <param name="text">Of any kind; 256 Ki characters of it are looked at.</param>
    public static string Of(string text)
    {
        var rest = Encoding.UTF8.GetBytes(text[..Math.Min(text.Length, MaxLength)]).AsSpan();
        var parts = new List<string>();
        for (var i = 0; i < MaxParts && rest.IndexOf("jsonContent={"u8) is var at and >= 0; i++)
        {
            rest = rest[(at + "jsonContent="u8.Length)..];
            if (PlainText(HtmlOf(rest, out var read)) is { Length: > 0 } part)
                parts.Add(part);
            rest = rest[read..];
        }

        return string.Join('\n', parts);
    }

    private static string HtmlOf(ReadOnlySpan<byte> json, out int read)
    {
        read = 0;
        var reader = new Utf8JsonReader(json);
        try
        {
            using var document = JsonDocument.ParseValue(ref reader);
            read = (int)reader.BytesConsumed;
            return document.RootElement.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
                ? text.GetString() ?? ""
                : "";
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // No JSON, or an escape that stands for half a character.
            return "";
        }
    }

    private static string PlainText(string html)
    {
        var lines = LineEnd().Replace(html, "\n");
        var decoded = WebUtility.HtmlDecode(Tag().Replace(lines, "")).Replace('\u00A0', ' ');
        return EmptyLines().Replace(decoded, "\n").Trim();
    }

    // NonBacktracking: time grows with the text's length alone.
    [GeneratedRegex(@"<br\s*/?>|</(p|div|li|tr|h[1-6])\s*>", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LineEnd();

    [GeneratedRegex("</?[A-Za-z][^<>]*>|<!--[^<>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    [GeneratedRegex(@"[ \t]*\r?\n\s*", RegexOptions.NonBacktracking)]
    private static partial Regex EmptyLines();
}

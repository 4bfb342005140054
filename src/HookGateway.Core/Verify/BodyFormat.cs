using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace HookGateway.Verify;

/// <summary>How a body says it is written.</summary>
internal enum BodyFormat
{
    /// <summary>In a way that no expression reads.</summary>
    Other,

    /// <summary>JSON in UTF-8, or nothing that speaks against it.</summary>
    Json,

    /// <summary><c>application/x-www-form-urlencoded</c> in UTF-8.</summary>
    Form,
}

/// <summary>Reads the headers that describe a body.</summary>
internal static class BodyFormats
{
    private const string FormType = "application/x-www-form-urlencoded";

    /// <summary>Whether the body stands as it is, in no Content-Encoding.</summary>
    public static bool IsPlain(StringValues contentEncoding)
    {
        foreach (var value in contentEncoding)
        {
            if (string.IsNullOrWhiteSpace(value)) continue;
            if (!value.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase)) return false;
        }

        return true;
    }

    /// <summary>Absent and <c>text/*</c> count as JSON: many senders do not know better.</summary>
    public static BodyFormat Of(StringValues contentType)
    {
        var text = contentType.ToString();
        if (text.Length == 0 || IsUsual(text)) return BodyFormat.Json;
        if (!MediaTypeHeaderValue.TryParse(text, out var type) || !IsUtf8(type.Charset)) return BodyFormat.Other;
        if (type.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase)) return BodyFormat.Form;
        var isJson = type.Type.Equals("text", StringComparison.OrdinalIgnoreCase)
            || type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);
        return isJson ? BodyFormat.Json : BodyFormat.Other;
    }

    // What nearly every sender writes: no need to parse it.
    private static bool IsUsual(string text) =>
        text.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || text.Equals("application/json; charset=utf-8", StringComparison.OrdinalIgnoreCase);

    private static bool IsUtf8(StringSegment charset)
    {
        if (!charset.HasValue) return true;
        var name = HeaderUtilities.RemoveQuotes(charset);
        return name.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || name.Equals("utf8", StringComparison.OrdinalIgnoreCase);
    }
}

using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.WebUtilities;

namespace HookGateway.Verify;

/// <summary>A body of <c>application/x-www-form-urlencoded</c> fields.</summary>
internal static class FormBody
{
    /// <summary>How many fields are read.</summary>
    public const int MaxFields = 1000;

    /// <summary>Reads the body into text that <see cref="Find"/> takes.</summary>
    /// <returns>What is wrong with it, for the sender; <see langword="null"/> where nothing is.</returns>
    public static string? Read(ReadOnlySpan<byte> body, out string text)
    {
        text = "";
        if (!Utf8.IsValid(body)) return "The body is not valid UTF-8.";
        if (body.Count((byte)'&') >= MaxFields) return $"The body has more than {MaxFields} form fields.";
        text = Encoding.UTF8.GetString(body);
        return null;
    }

    /// <summary>The first value of a field that is not empty.</summary>
    public static string? Find(string text, string name)
    {
        foreach (var field in new QueryStringEnumerable(text))
        {
            if (!field.DecodeName().Span.SequenceEqual(name)) continue;
            var value = field.DecodeValue();
            if (!value.IsEmpty) return value.ToString();
        }

        return null;
    }
}

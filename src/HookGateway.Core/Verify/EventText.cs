using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace HookGateway.Verify;

/// <summary>Bounds on the texts taken from a request: all of them end up in headers, logs and indexes.</summary>
internal static class EventText
{
    /// <summary>The longest event name, in characters.</summary>
    public const int MaxNameLength = 200;

    /// <summary>The longest id or key that is kept as it is, in characters.</summary>
    public const int MaxIdLength = 512;

    /// <summary>What is wrong with an event's name, for the sender; <see langword="null"/> where nothing is.</summary>
    public static string? ProblemOfName(string? name)
    {
        if (string.IsNullOrEmpty(name)) return "The event has no name.";
        if (name.Length > MaxNameLength) return $"The event's name is longer than {MaxNameLength} characters.";
        return IsPrintable(name) ? null : "The event's name contains control characters.";
    }

    /// <summary>
    /// An id or key as it is kept; <see langword="null"/> where it is empty. One that is too long or cannot stand in a header
    /// is replaced by its hash: equal ones stay equal and different ones different, which is what they are for, and the event
    /// need not be refused for it.
    /// </summary>
    public static string? Bounded(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (text.Length <= MaxIdLength && IsPrintable(text)) return text;
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())));
    }

    /// <summary>Joins values so that no two lists give the same text: <c>("a", null, "bc")</c> is <c>1:a-2:bc</c>.</summary>
    public static string Join(ReadOnlySpan<string?> values)
    {
        var joined = new StringBuilder();
        foreach (var value in values)
        {
            if (value is null) joined.Append('-');
            else joined.Append(value.Length).Append(':').Append(value);
        }

        return joined.ToString();
    }

    private static bool IsPrintable(ReadOnlySpan<char> text)
    {
        if (text.ContainsAnyInRange('\0', '\x1f') || text.ContainsAnyInRange('\x7f', '\x9f')) return false;
        return !text.ContainsAnyInRange('\ud800', '\udfff') || IsPaired(text);
    }

    private static bool IsPaired(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != System.Buffers.OperationStatus.Done) return false;
            text = text[consumed..];
        }

        return true;
    }
}

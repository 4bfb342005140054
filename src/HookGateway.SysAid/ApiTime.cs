using System.Globalization;
using System.Text.Json;

namespace HookGateway.SysAid;

/// <summary>Times as SysAid writes them: milliseconds since 1970, as a number or as text, or ISO 8601.</summary>
internal static class ApiTime
{
    private static readonly long Earliest = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The time; <see langword="null"/> where the value is none. ISO 8601 without an offset is UTC.</summary>
    public static DateTimeOffset? Read(JsonElement value)
    {
        if (JsonText.Of(value) is not { } text)
            return null;

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
            return milliseconds >= Earliest && milliseconds <= Latest ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

        return IsIso(text) && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
    }

    // The platform's reader takes much else: 1/2/2026, say, which is two dates.
    private static bool IsIso(string text) =>
        text.Length is >= 16 and <= 40 && text[4] == '-' && text[7] == '-' && text[10] == 'T' && char.IsAsciiDigit(text[0]);
}

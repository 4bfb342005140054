using System.Globalization;
using HookGateway.Configuration;

namespace HookGateway.Verify;

/// <summary>
/// When a request was signed: a count since 1970 in the scheme's unit, or an ISO 8601 time, which Zendesk sends and which
/// cannot be taken for a count.
/// </summary>
internal static class SignatureTimestamp
{
    // Milliseconds of the year 9999 have 15 digits.
    private const int MaxDigits = 15;

    private static readonly string[] IsoForms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static bool TryRead(ReadOnlySpan<char> text, TimestampUnit unit, out DateTimeOffset time)
    {
        if (text.Length <= MaxDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return TryRead(count, unit, out time);
        return DateTimeOffset.TryParseExact(
            text, IsoForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    public static string Write(DateTimeOffset time, TimestampUnit unit) =>
        (unit == TimestampUnit.Seconds ? time.ToUnixTimeSeconds() : time.ToUnixTimeMilliseconds())
            .ToString(CultureInfo.InvariantCulture);

    private static bool TryRead(long count, TimestampUnit unit, out DateTimeOffset time)
    {
        var milliseconds = unit == TimestampUnit.Seconds ? count * 1000 : count;
        var valid = milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        time = valid ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : default;
        return valid;
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace HookGateway.Configuration.Reading;

/// <summary>
/// Sizes as they are written: one number and one unit, <c>64KiB 1MiB</c>; <c>KB</c> and the like are powers of 1000.
/// </summary>
internal static partial class ByteSize
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("GiB", 1L << 30), ("GB", 1_000_000_000), ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("KB", 1000), ("B", 1),
    ];

    /// <summary>Reads one; a fraction of a byte is cut off.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var match = Pattern().Match(text);
        if (!match.Success)
            return false;
        var number = decimal.Parse(
            match.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        bytes = (long)Math.Min(number * Units.First(unit => unit.Unit == match.Groups["unit"].Value).Bytes, long.MaxValue);
        return true;
    }

    /// <summary>Writes one in the largest binary unit that gives a whole number.</summary>
    public static string Format(long bytes)
    {
        var (unit, size) = Units.First(unit => long.IsPow2(unit.Bytes) && bytes % unit.Bytes == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
    }

    [GeneratedRegex(@"\A(?<number>[0-9]{1,12}(\.[0-9]{1,9})?)(?<unit>[KMG]i?B|B)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}

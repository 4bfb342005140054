using System.Globalization;
using System.Text.RegularExpressions;

namespace HookGateway.Configuration.Reading;

/// <summary>Durations as they are written: one number and one unit, <c>500ms 10s 1.5h 7d</c>.</summary>
internal static partial class Duration
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads one; finer than 100 ns is cut off.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var match = Pattern().Match(text);
        if (!match.Success)
            return false;
        var number = decimal.Parse(
            match.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        var ticks = number * Units.First(unit => unit.Unit == match.Groups["unit"].Value).Ticks;
        if (ticks > TimeSpan.MaxValue.Ticks)
            return false;
        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>Writes one in the largest unit that gives a whole number.</summary>
    public static string Format(TimeSpan duration)
    {
        var (unit, ticks) = Units.First(unit => duration.Ticks % unit.Ticks == 0 || unit.Unit == "ms");
        return string.Create(CultureInfo.InvariantCulture, $"{(decimal)duration.Ticks / ticks}{unit}");
    }

    [GeneratedRegex(@"\A(?<number>[0-9]{1,12}(\.[0-9]{1,9})?)(?<unit>ms|s|m|h|d)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}

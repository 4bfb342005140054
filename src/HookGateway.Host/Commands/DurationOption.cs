using System.CommandLine;
using System.Globalization;

namespace HookGateway.Host.Commands;

/// <summary>Options that take a duration as the configuration writes it: <c>500ms 10s 5m 24h 7d</c>.</summary>
internal static class DurationOption
{
    private static readonly (string Suffix, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <summary>An option that is zero where it is not given.</summary>
    public static Option<TimeSpan> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "D",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (TryParse(text, out var duration))
                return duration;
            result.AddError($"{name}: '{text}' is no duration: write a number and its unit, as in 500ms, 10s or 5m.");
            return default;
        },
    };

    /// <summary>Reads a number and its unit; no sign, no spaces, up to 30 days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (suffix, milliseconds) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal)
                || !double.TryParse(text[..^suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                continue;
            var total = number * milliseconds;
            duration = TimeSpan.FromMilliseconds(Math.Min(total, TimeSpan.FromDays(31).TotalMilliseconds));
            return total <= TimeSpan.FromDays(30).TotalMilliseconds;
        }

        return false;
    }
}

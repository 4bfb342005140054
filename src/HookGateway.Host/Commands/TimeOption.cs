using System.Globalization;

namespace HookGateway.Host.Commands;

/// <summary>Times as people write them: <c>2026-03-01T12:00:00Z</c>, or <c>2h</c> for two hours ago.</summary>
internal static class TimeOption
{
    /// <summary>The time as the admin API takes it; what is not a duration it has to judge itself.</summary>
    public static string Absolute(string text) => DurationOption.TryParse(text, out var ago)
        ? (TimeProvider.System.GetUtcNow() - ago).ToString("O", CultureInfo.InvariantCulture)
        : text;
}

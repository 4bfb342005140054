using System.Globalization;

namespace HookGateway.Configuration;

/// <summary><c>rateLimit</c>: the most attempts in any stretch of time of one length, as in <c>50/s</c>.</summary>
/// <param name="Attempts">How many; at least 1.</param>
/// <param name="Per">The length: a second, a minute or an hour.</param>
public sealed record RateLimitConfiguration(int Attempts, TimeSpan Per)
{
    private const int Most = 1_000_000;

    /// <summary>Reads <c>50/s</c>, <c>300/m</c>, <c>10000/h</c>; 1 to 1,000,000.</summary>
    public static bool TryParse(string text, out RateLimitConfiguration limit)
    {
        var per = text.Length < 3 || text[^2] != '/' ? TimeSpan.Zero : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            _ => TimeSpan.Zero,
        };
        var isRead = int.TryParse(
            per == TimeSpan.Zero ? "" : text[..^2], NumberStyles.None, CultureInfo.InvariantCulture, out var attempts);
        limit = new RateLimitConfiguration(attempts, per);
        return isRead && attempts is >= 1 and <= Most;
    }
}

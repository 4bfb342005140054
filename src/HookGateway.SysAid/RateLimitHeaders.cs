using System.Globalization;

namespace HookGateway.SysAid;

/// <summary>What an answer says about the account's limit of requests.</summary>
/// <param name="Limit">Requests in a window; <see langword="null"/> where it does not say.</param>
/// <param name="Remaining">How many of them are left.</param>
/// <param name="Reset">How long until the next window; <see langword="null"/> where it does not say.</param>
internal readonly record struct RateLimitHeaders(int? Limit, int Remaining, TimeSpan? Reset)
{
    // Larger numbers are no wait but a date: in seconds from 2001 on, in milliseconds thereafter.
    private const double EpochSeconds = 1e9;
    private const double EpochMilliseconds = 1e11;

    /// <summary>Reads <c>X-RateLimit-Limit</c>, <c>-Remaining</c> and <c>-Reset</c>, the latter as a date or as seconds to wait.</summary>
    /// <returns><see langword="null"/> where they do not say how many are left.</returns>
    public static RateLimitHeaders? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        if (Number(response, "X-RateLimit-Remaining") is not { } remaining)
            return null;

        // The other side's clock may be another: a date is held against the date that it wrote itself.
        var reset = Number(response, "X-RateLimit-Reset") is { } number ? Wait(number, response.Headers.Date ?? now) : (TimeSpan?)null;
        var limit = Number(response, "X-RateLimit-Limit");
        return new RateLimitHeaders(limit is >= 1 ? Whole(limit.Value) : null, Whole(remaining), reset);
    }

    /// <summary><c>Retry-After</c>, which is seconds or a date; <see langword="null"/> where it is absent or neither.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - (response.Headers.Date ?? now) is var wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private static TimeSpan Wait(double reset, DateTimeOffset now)
    {
        var seconds = reset switch
        {
            >= EpochMilliseconds => (reset - now.ToUnixTimeMilliseconds()) / 1000,
            >= EpochSeconds => reset - now.ToUnixTimeSeconds(),
            _ => reset,
        };
        return TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.FromDays(1).TotalSeconds));
    }

    private static int Whole(double number) => (int)Math.Clamp(Math.Floor(number), 0, int.MaxValue);

    private static double? Number(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;
}

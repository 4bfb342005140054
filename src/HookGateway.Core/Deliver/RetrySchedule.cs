using HookGateway.Configuration;

namespace HookGateway.Deliver;

/// <summary>When a failed delivery is tried again: data kept in the store, not a sleeping task.</summary>
internal static class RetrySchedule
{
    /// <summary>
    /// The wait after attempt <paramref name="attempt"/> (from 1): <c>first × factor^(attempt - 1)</c>, at most <c>max</c>,
    /// varied by <c>jitter</c> so that what failed together is not tried again together.
    /// </summary>
    /// <param name="retry">The destination's schedule.</param>
    /// <param name="attempt">The attempt that just failed.</param>
    /// <param name="retryAfter">
    /// What the downstream asked for: it is given that, in full, up to <c>max</c>. Less than the schedule's wait it gets after the
    /// first attempt only: one that goes on refusing and asking for a second would use up all attempts in no time. Nothing, or a
    /// date that has passed, asks for no wait at all: then the schedule holds.
    /// </param>
    /// <param name="chance">Evenly from 0 to 1.</param>
    public static TimeSpan WaitAfter(RetryConfiguration retry, int attempt, TimeSpan? retryAfter, double chance)
    {
        // In floating point: twelve steps of factor 1000 overflow a TimeSpan long before they overflow a double.
        var planned = Math.Min(retry.First.TotalMilliseconds * Math.Pow(retry.Factor, attempt - 1), retry.Max.TotalMilliseconds);
        var wait = TimeSpan.FromMilliseconds(planned * (1 + (retry.Jitter * ((2 * chance) - 1))));
        if (retryAfter is not { } asked || asked <= TimeSpan.Zero)
            return wait;

        asked = asked < retry.Max ? asked : retry.Max;
        return attempt == 1 || asked > wait ? asked : wait;
    }
}

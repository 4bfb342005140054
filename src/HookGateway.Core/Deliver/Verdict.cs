using HookGateway.Configuration;
using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>What an attempt makes of its delivery.</summary>
/// <param name="State">Delivered, dead, or to be retried.</param>
/// <param name="DueAt">When it is retried.</param>
/// <param name="Reason">Why it is dead, in the words of the policy that says so.</param>
internal readonly record struct Verdict(DeliveryState State, DateTimeOffset? DueAt, string? Reason = null)
{
    /// <param name="retry">The destination's policy.</param>
    /// <param name="attempt">The attempt that ended.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="age">How long ago the event was received; <see langword="null"/> where that does not count.</param>
    /// <param name="now">The time that due times are compared with.</param>
    public static Verdict Of(
        RetryConfiguration retry, DeliveryAttempt attempt, AttemptResult result, TimeSpan? age, DateTimeOffset now)
    {
        if (result.Succeeded)
            return new Verdict(DeliveryState.Delivered, null);

        if (result.StatusCode is { } status && retry.GiveUpOn.Any(range => range.Contains(status)))
            return Dead("giveUpOn");

        if (attempt.Number >= retry.Attempts)
            return Dead("attempts");

        var wait = RetrySchedule.WaitAfter(retry, attempt.Number, result.RetryAfter, Random.Shared.NextDouble());
        return age + wait > retry.MaxAge ? Dead("maxAge") : new Verdict(DeliveryState.Retrying, now + wait);
    }

    private static Verdict Dead(string reason) => new(DeliveryState.Dead, null, reason);
}

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
    /// <param name="receivedAt">When the event was received; <see langword="null"/> where its age does not count.</param>
    /// <param name="now">The time.</param>
    public static Verdict Of(
        RetryConfiguration retry, DeliveryAttempt attempt, AttemptResult result, DateTimeOffset? receivedAt, DateTimeOffset now)
    {
        if (result.Succeeded)
            return new Verdict(DeliveryState.Delivered, null);

        if (result.StatusCode is { } status && retry.GiveUpOn.Any(range => range.Contains(status)))
            return Dead("giveUpOn");

        if (attempt.Number >= retry.Attempts)
            return Dead("attempts");

        var due = now + RetrySchedule.WaitAfter(retry, attempt.Number, result.RetryAfter, Random.Shared.NextDouble());
        return receivedAt is { } since && due - since > retry.MaxAge ? Dead("maxAge") : new Verdict(DeliveryState.Retrying, due);
    }

    private static Verdict Dead(string reason) => new(DeliveryState.Dead, null, reason);
}

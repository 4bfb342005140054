using HookGateway.Configuration;
using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>What an attempt makes of its delivery.</summary>
/// <param name="State">Delivered, dead, or to be retried.</param>
/// <param name="DueAt">When it is retried.</param>
internal readonly record struct Verdict(DeliveryState State, DateTimeOffset? DueAt)
{
    public static Verdict Of(RetryConfiguration retry, DeliveryAttempt attempt, AttemptResult result, DateTimeOffset now)
    {
        if (result.Succeeded)
            return new Verdict(DeliveryState.Delivered, null);

        var givenUp = result.StatusCode is { } status && retry.GiveUpOn.Contains(status);
        if (givenUp || attempt.Number >= retry.Attempts)
            return new Verdict(DeliveryState.Dead, null);

        return new Verdict(
            DeliveryState.Retrying,
            now + RetrySchedule.WaitAfter(retry, attempt.Number, result.RetryAfter, Random.Shared.NextDouble()));
    }
}

using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

public sealed class VerdictTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 204, DeliveryError.None, DeliveryState.Delivered)]
    [InlineData(12, 200, DeliveryError.None, DeliveryState.Delivered)]
    [InlineData(1, 503, DeliveryError.Status, DeliveryState.Retrying)]
    [InlineData(1, 404, DeliveryError.Status, DeliveryState.Retrying)]
    [InlineData(11, null, DeliveryError.Connect, DeliveryState.Retrying)]
    [InlineData(12, null, DeliveryError.Connect, DeliveryState.Dead)]
    [InlineData(12, 503, DeliveryError.Status, DeliveryState.Dead)]
    [InlineData(1, 410, DeliveryError.Status, DeliveryState.Dead)]
    public void Of_AttemptAndAnswer_DecidesTheState(int number, int? status, DeliveryError error, DeliveryState expected)
    {
        var verdict = Verdict.Of(new RetryConfiguration(), Attempt(number), new AttemptResult(status, error, null, null), Now);

        Assert.Equal(expected, verdict.State);
        Assert.Equal(expected == DeliveryState.Retrying, verdict.DueAt > Now);
    }

    [Fact]
    public void Of_ManyThatFailedTogether_AreDueAtDifferentTimes()
    {
        var retry = new RetryConfiguration { First = TimeSpan.FromSeconds(10), Jitter = 0.2 };
        var refused = new AttemptResult(503, DeliveryError.Status, null, null);

        var waits = Enumerable.Range(0, 200).Select(_ => Verdict.Of(retry, Attempt(1), refused, Now).DueAt!.Value - Now).ToArray();

        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(12)));
        Assert.Contains(waits, wait => wait < TimeSpan.FromSeconds(9));
        Assert.Contains(waits, wait => wait > TimeSpan.FromSeconds(11));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(500, true)]
    [InlineData(429, true)]
    [InlineData(408, true)]
    [InlineData(400, false)]
    [InlineData(404, false)]
    [InlineData(302, false)]
    public void SpeaksAgainstDestination_Status_CountsForTheBreakerOnlyWhereTheDestinationIsIll(int? status, bool expected) =>
        Assert.Equal(expected, new AttemptResult(status, DeliveryError.Status, null, null).SpeaksAgainstDestination);

    private static DeliveryAttempt Attempt(int number) =>
        new() { Number = number, StartedAt = Now, Duration = TimeSpan.FromMilliseconds(3) };
}

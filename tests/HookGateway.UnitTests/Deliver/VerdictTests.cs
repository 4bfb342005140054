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
        var verdict = Verdict.Of(new RetryConfiguration(), Attempt(number), new AttemptResult(status, error, null, null), TimeSpan.Zero, Now);

        Assert.Equal(expected, verdict.State);
        Assert.Equal(expected == DeliveryState.Retrying, verdict.DueAt > Now);
    }

    [Fact]
    public void Of_ManyThatFailedTogether_AreDueAtDifferentTimes()
    {
        var retry = new RetryConfiguration { First = TimeSpan.FromSeconds(10), Jitter = 0.2 };
        var refused = new AttemptResult(503, DeliveryError.Status, null, null);

        var waits = Enumerable.Range(0, 200).Select(_ => Verdict.Of(retry, Attempt(1), refused, TimeSpan.Zero, Now).DueAt!.Value - Now).ToArray();

        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(12)));
        Assert.Contains(waits, wait => wait < TimeSpan.FromSeconds(9));
        Assert.Contains(waits, wait => wait > TimeSpan.FromSeconds(11));
    }

    [Theory]
    [InlineData("410", 404, null)]
    [InlineData("410", 410, "giveUpOn")]
    [InlineData("4xx", 422, "giveUpOn")]
    [InlineData("4xx", 500, null)]
    [InlineData("400-404", 404, "giveUpOn")]
    [InlineData("400-404", 405, null)]
    public void Of_StatusToGiveUpOn_IsDeadAtOnce(string range, int status, string? reason)
    {
        Assert.True(StatusRange.TryParse(range, out var statuses));
        var retry = new RetryConfiguration { GiveUpOn = [new(599, 599), statuses] };

        var verdict = Verdict.Of(retry, Attempt(1), new AttemptResult(status, DeliveryError.Status, null, null), TimeSpan.Zero, Now);

        Assert.Equal((reason is null ? DeliveryState.Retrying : DeliveryState.Dead, reason), (verdict.State, verdict.Reason));
    }

    [Theory]
    [InlineData(0, null, DeliveryState.Retrying)]
    [InlineData(50, null, DeliveryState.Retrying)]
    [InlineData(51, null, DeliveryState.Dead)]
    [InlineData(3600, null, DeliveryState.Dead)]
    [InlineData(30, 30, DeliveryState.Retrying)]
    [InlineData(30, 31, DeliveryState.Dead)]
    public void Of_EventOfAnAge_IsDeadWhereTheNextAttemptWouldBeBeyondMaxAge(int seconds, int? retryAfter, DeliveryState expected)
    {
        var retry = new RetryConfiguration { First = TimeSpan.FromSeconds(10), Jitter = 0, MaxAge = TimeSpan.FromMinutes(1) };
        var asked = retryAfter is { } wait ? TimeSpan.FromSeconds(wait) : (TimeSpan?)null;
        var result = new AttemptResult(503, DeliveryError.Status, null, asked);

        var verdict = Verdict.Of(retry, Attempt(1), result, TimeSpan.FromSeconds(seconds), Now);

        Assert.Equal((expected, expected == DeliveryState.Dead ? "maxAge" : null), (verdict.State, verdict.Reason));
    }

    [Fact]
    public void Of_DeliveredBeyondMaxAge_IsDelivered()
    {
        var retry = new RetryConfiguration { MaxAge = TimeSpan.FromMinutes(1) };

        var verdict = Verdict.Of(retry, Attempt(1), new AttemptResult(200, DeliveryError.None, null, null), TimeSpan.FromDays(1), Now);

        Assert.Equal(DeliveryState.Delivered, verdict.State);
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

    [Fact]
    public void SpeaksAgainstDestination_TemplateFailed_IsNotTheDestinationsFault() =>
        Assert.False(new AttemptResult(null, DeliveryError.Template, null, null).SpeaksAgainstDestination);

    private static DeliveryAttempt Attempt(int number) =>
        new() { Number = number, StartedAt = Now, Duration = TimeSpan.FromMilliseconds(3) };
}

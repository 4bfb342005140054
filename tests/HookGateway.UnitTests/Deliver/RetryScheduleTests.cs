using HookGateway.Configuration;
using HookGateway.Deliver;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

public sealed class RetryScheduleTests
{
    private static readonly RetryConfiguration Steady = new() { Jitter = 0 };

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 15)]
    [InlineData(3, 45)]
    [InlineData(7, 3645)]
    [InlineData(8, 10935)]
    [InlineData(9, 21600)]
    [InlineData(1000, 21600)]
    public void WaitAfter_WithoutJitter_GrowsByTheFactorUpToMax(int attempt, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetrySchedule.WaitAfter(Steady, attempt, null, 0.5));

    [Theory]
    [InlineData(0.0, 4)]
    [InlineData(0.5, 5)]
    [InlineData(1.0, 6)]
    public void WaitAfter_WithJitter_VariesBothWays(double chance, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetrySchedule.WaitAfter(new RetryConfiguration(), 1, null, chance));

    [Fact]
    public void WaitAfter_RetryAfter_IsHonouredInFull() =>
        Assert.Equal(TimeSpan.FromMinutes(7), RetrySchedule.WaitAfter(new RetryConfiguration(), 1, TimeSpan.FromMinutes(7), 0.9));

    [Theory]
    [InlineData(0)]
    [InlineData(-3600)]
    public void WaitAfter_RetryAfterAsksForNoWait_KeepsToTheSchedule(int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(15), RetrySchedule.WaitAfter(Steady, 2, TimeSpan.FromSeconds(seconds), 0.5));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 15)]
    [InlineData(2, 14, 15)]
    [InlineData(2, 16, 16)]
    [InlineData(11, 1, 21600)]
    public void WaitAfter_RetryAfterAsksForLess_IsBelievedOnce(int attempt, int asked, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetrySchedule.WaitAfter(Steady, attempt, TimeSpan.FromSeconds(asked), 0.5));

    [Fact]
    public void WaitAfter_RetryAfterBeyondMax_IsHeldToMax() =>
        Assert.Equal(TimeSpan.FromHours(6), RetrySchedule.WaitAfter(new RetryConfiguration(), 1, TimeSpan.FromDays(9), 0.9));
}

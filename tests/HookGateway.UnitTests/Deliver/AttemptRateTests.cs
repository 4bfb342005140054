using HookGateway.Configuration;
using HookGateway.Deliver;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

public sealed class AttemptRateTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("1/s")]
    [InlineData("3/s")]
    [InlineData("9/s")]
    [InlineData("10/s")]
    [InlineData("50/s")]
    [InlineData("999/s")]
    [InlineData("7/m")]
    [InlineData("300/m")]
    [InlineData("1/h")]
    [InlineData("10000/h")]
    public void Take_AskedWithoutEndOrAfterPauses_NeverGivesMoreInAnyStretch(string text)
    {
        var limit = Limit(text);
        var rate = new AttemptRate(limit, _time);
        var random = new Random(7);
        var taken = new List<long>();
        var wanted = Math.Max(100, limit.Attempts * 4);
        while (taken.Count < wanted)
        {
            var wait = rate.Take();
            if (wait == TimeSpan.Zero)
                taken.Add(_time.GetUtcNow().Ticks);
            else
                _time.Advance(random.Next(50) == 0 ? limit.Per * random.NextDouble() : wait);
        }

        for (var i = limit.Attempts; i < taken.Count; i++)
            Assert.True(taken[i] - taken[i - limit.Attempts] >= limit.Per.Ticks, $"{limit.Attempts + 1} within less than {limit.Per}");
    }

    [Theory]
    [InlineData("1/s", 1.0)]
    [InlineData("9/s", 1.0)]
    [InlineData("50/s", 0.89)]
    [InlineData("10000/h", 0.89)]
    public void Take_AskedWithoutEnd_GivesNearlyTheWholeLimit(string text, double least)
    {
        var limit = Limit(text);
        var rate = new AttemptRate(limit, _time);
        var end = _time.GetUtcNow() + (10 * limit.Per);
        var taken = 0;
        while (_time.GetUtcNow() < end)
        {
            var wait = rate.Take();
            taken += wait == TimeSpan.Zero ? 1 : 0;
            _time.Advance(wait);
        }

        Assert.InRange(taken, limit.Attempts * 10 * least, limit.Attempts * 10);
    }

    [Fact]
    public void Take_AfterAQuietTime_GivesATenthAtOnceToCatchUp()
    {
        var rate = new AttemptRate(Limit("100/s"), _time);
        Assert.Equal(1, AtOnce(rate));

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(11, AtOnce(rate));
    }

    [Fact]
    public void Take_NoToken_SaysWhenThereWillBeOne()
    {
        var rate = new AttemptRate(Limit("4/s"), _time);
        rate.Take();

        Assert.Equal(TimeSpan.FromMilliseconds(250), rate.Take());
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal(TimeSpan.FromMilliseconds(1), rate.Take());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(TimeSpan.Zero, rate.Take());
    }

    private static int AtOnce(AttemptRate rate)
    {
        var count = 0;
        while (rate.Take() == TimeSpan.Zero)
            count++;

        return count;
    }

    private static RateLimitConfiguration Limit(string text)
    {
        Assert.True(RateLimitConfiguration.TryParse(text, out var limit));
        return limit;
    }
}

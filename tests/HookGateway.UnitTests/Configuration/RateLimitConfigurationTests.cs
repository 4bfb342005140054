using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration;

public sealed class RateLimitConfigurationTests
{
    [Theory]
    [InlineData("50/s", 50, 1)]
    [InlineData("300/m", 300, 60)]
    [InlineData("10000/h", 10000, 3600)]
    [InlineData("1/s", 1, 1)]
    [InlineData("1000000/h", 1_000_000, 3600)]
    public void TryParse_ARate_IsRead(string text, int attempts, int seconds)
    {
        Assert.True(RateLimitConfiguration.TryParse(text, out var limit));
        Assert.Equal(new RateLimitConfiguration(attempts, TimeSpan.FromSeconds(seconds)), limit);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/s")]
    [InlineData("0/s")]
    [InlineData("-1/s")]
    [InlineData("1.5/s")]
    [InlineData("1000001/s")]
    [InlineData("99999999999/s")]
    [InlineData("50")]
    [InlineData("50/")]
    [InlineData("50/d")]
    [InlineData("50/S")]
    [InlineData("50 / s")]
    [InlineData("50/sec")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(RateLimitConfiguration.TryParse(text, out _));
}

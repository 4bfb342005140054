using HookGateway.Host.Commands;
using Xunit;

namespace HookGateway.UnitTests.Host.Commands;

public sealed class DurationOptionTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1_500)]
    [InlineData("5m", 300_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("7d", 604_800_000)]
    public void TryParse_OfANumberWithItsUnit_ReadsIt(string text, double milliseconds)
    {
        Assert.True(DurationOption.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("1S")]
    [InlineData("1e9s")]
    [InlineData("31d")]
    [InlineData("99999999999999999999d")]
    public void TryParse_OfAnythingElse_Refuses(string text) => Assert.False(DurationOption.TryParse(text, out _));
}

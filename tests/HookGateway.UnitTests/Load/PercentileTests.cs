using HookGateway.Load.Measuring;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class PercentileTests
{
    [Theory]
    [InlineData(50, 50)]
    [InlineData(99, 99)]
    [InlineData(99.9, 100)]
    [InlineData(100, 100)]
    [InlineData(0, 1)]
    public void Of_HundredSamples_IsTheSampleOfThatRank(double percent, double expected) =>
        Assert.Equal(expected, Percentile.Of(Enumerable.Range(1, 100).Reverse().Select(sample => (double)sample), percent));

    [Theory]
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[] { 9, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 2, 9 }, 3)]
    public void Median_OfAnyNumberOfSamples_IsInTheirMiddle(double[] samples, double expected) =>
        Assert.Equal(expected, Percentile.Median(samples));

    [Fact]
    public void Either_WithoutSamples_IsNoNumber()
    {
        Assert.Equal(double.NaN, Percentile.Of([], 99));
        Assert.Equal(double.NaN, Percentile.Median([]));
    }
}

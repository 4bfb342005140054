using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration;

public sealed class StatusRangeTests
{
    [Theory]
    [InlineData("410", 410, 410)]
    [InlineData("300", 300, 300)]
    [InlineData("599", 599, 599)]
    [InlineData("4xx", 400, 499)]
    [InlineData("3xx", 300, 399)]
    [InlineData("400-404", 400, 404)]
    [InlineData("404-404", 404, 404)]
    [InlineData("400-599", 400, 599)]
    public void TryParse_OneOfItsForms_GivesTheStatuses(string text, int first, int last)
    {
        Assert.True(StatusRange.TryParse(text, out var range));

        Assert.Equal(new StatusRange(first, last), range);
        Assert.Equal(
            [false, true, true, false],
            new[] { first - 1, first, last, last + 1 }.Select(status => range.Contains(status)));
        Assert.True(StatusRange.TryParse(range.ToString(), out var again));
        Assert.Equal(range, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("200")]
    [InlineData("2xx")]
    [InlineData("6xx")]
    [InlineData("4XX")]
    [InlineData("4x")]
    [InlineData("404-400")]
    [InlineData("299-400")]
    [InlineData("400-600")]
    [InlineData("400-")]
    [InlineData("-400")]
    [InlineData("400 - 404")]
    [InlineData("+410")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(StatusRange.TryParse(text, out _));
}

using System.Globalization;
using HookGateway.Host.Commands;
using Xunit;

namespace HookGateway.UnitTests.Host.Commands;

public sealed class WhereClauseTests
{
    [Theory]
    [InlineData("source=sysaid", "source=sysaid")]
    [InlineData(" source=sysaid\t state=dead ", "source=sysaid|state=dead")]
    [InlineData("key=\"a b\" event=sr.*", "key=a b|event=sr.*")]
    [InlineData("key=a=b", "key=a=b")]
    [InlineData("from=2026-03-01T12:00:00Z", "from=2026-03-01T12:00:00Z")]
    [InlineData("anything=goes", "anything=goes")]
    public void TryParse_Conditions_ReadsThem(string clause, string expected)
    {
        Assert.True(WhereClause.TryParse([clause], out var filter, out _));
        Assert.Equal(expected, string.Join('|', filter.Select(condition => $"{condition.Key}={condition.Value}")));
    }

    [Fact]
    public void TryParse_SeveralClauses_AllHaveToHold()
    {
        Assert.True(WhereClause.TryParse(["source=a", "state=dead"], out var filter, out _));
        Assert.Equal(["source", "state"], filter.Keys);
    }

    [Fact]
    public void TryParse_Duration_IsThatLongAgo()
    {
        Assert.True(WhereClause.TryParse(["from=2h"], out var filter, out _));

        var from = DateTimeOffset.Parse(filter["from"], CultureInfo.InvariantCulture);
        Assert.InRange(TimeProvider.System.GetUtcNow() - from, TimeSpan.FromHours(2), TimeSpan.FromHours(2.1));
    }

    [Theory]
    [InlineData("", "--all")]
    [InlineData("  ", "--all")]
    [InlineData("dead", "'dead' is no condition")]
    [InlineData("state=", "'state=' is no condition")]
    [InlineData("=dead", "'=dead' is no condition")]
    [InlineData("state=dead state=failing", "'state' stands twice")]
    public void TryParse_NoConditions_SaysWhatIsWrong(string clause, string expected)
    {
        Assert.False(WhereClause.TryParse([clause], out _, out var fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }
}

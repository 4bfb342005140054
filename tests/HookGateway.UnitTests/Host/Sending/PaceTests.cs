using HookGateway.Host.Sending;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Host.Sending;

public sealed class PaceTests
{
    [Fact]
    public void Next_AtTenASecond_StartsEveryTenthOfASecond()
    {
        var time = new FakeTimeProvider();
        var pace = new Pace(10, time);

        var starts = Enumerable.Range(0, 3).Select(_ => pace.NextAsync(CancellationToken.None)).ToArray();

        Assert.Equal([true, false, false], starts.Select(start => start.IsCompleted));
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal([true, false, false], starts.Select(start => start.IsCompleted));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([true, true, false], starts.Select(start => start.IsCompleted));
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.All(starts, start => Assert.True(start.IsCompletedSuccessfully));
    }

    [Fact]
    public void Next_WithoutARate_NeverWaits()
    {
        var pace = new Pace(null, new FakeTimeProvider());

        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(pace.NextAsync(CancellationToken.None).IsCompleted));
    }
}

using System.Diagnostics;
using HookGateway.Load.Loading;
using HookGateway.Load.Machine;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class StallCountTests
{
    // Events go out every 10 ms for 3 s.
    private static readonly long[] Sent = [.. Enumerable.Range(0, 300).Select(number => Ticks(10 * number))];

    [Fact]
    public void Of_AnswersWithoutAGap_CountsNothing() =>
        Assert.Equal(new StallCount(0, 0, 0, 0, 10), StallCount.Of(Sent, Sent, []));

    [Fact]
    public void Of_AnswersWithGaps_CountsThemByTheirLength()
    {
        var answered = Answered(without: [(300, 450), (1000, 2200)]);

        Assert.Equal(new StallCount(Long: 2, VeryLong: 1, WithDisk: 0, WithLoad: 0, LongestMilliseconds: 1210), StallCount.Of(Sent, answered, []));
    }

    [Fact]
    public void Of_GapsBesideASlowSync_AreTheDisksToo()
    {
        var answered = Answered(without: [(300, 450), (1000, 1150)]);
        Stretch[] syncs = [Milliseconds(250, 400), Milliseconds(1000, 1020), Milliseconds(1300, 1900)];

        Assert.Equal(1, StallCount.Of(Sent, answered, syncs).WithDisk);
    }

    [Fact]
    public void Of_GapsBesideAPauseOfTheLoad_AreTheLoadsToo()
    {
        var answered = Answered(without: [(300, 450), (1000, 1150)]);

        Assert.Equal(1, StallCount.Of(Answered(without: [(300, 450)]), answered, []).WithLoad);
    }

    [Fact]
    public void Of_NoAnswerAtAll_CountsNothing() => Assert.Equal(new StallCount(0, 0, 0, 0, 0), StallCount.Of(Sent, [], []));

    private static IEnumerable<long> Answered((int From, int To)[] without) =>
        Sent.Where(at => !without.Any(gap => at >= Ticks(gap.From) && at < Ticks(gap.To)));

    private static Stretch Milliseconds(int from, int to) => new(Ticks(from), Ticks(to));

    private static long Ticks(int milliseconds) => milliseconds * Stopwatch.Frequency / 1000;
}

using HookGateway.Observe;
using Xunit;

namespace HookGateway.UnitTests.Observe;

public sealed class TallyTests
{
    [Fact]
    public void Read_CountedByManyThreads_GivesEachKeyItsSum()
    {
        var tally = new Tally<(string Source, int Secret)>(static key => [new("source", key.Source), new("secret", key.Secret)]);

        Parallel.For(0, 4000, i => tally.Add(("sysaid", i % 4 == 0 ? 1 : 0)));

        var read = tally.Read().Select(measurement => (measurement.Value, Tags: string.Join(' ', measurement.Tags.ToArray().Select(tag => tag.Value))));
        Assert.Equal([(3000L, "sysaid 0"), (1000L, "sysaid 1")], read.OrderByDescending(one => one.Value));
    }

    [Fact]
    public void Read_NothingWasCounted_GivesNothing() => Assert.Empty(new Tally<int>(static key => [new("key", key)]).Read());
}

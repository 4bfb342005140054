using HookGateway.Observe;
using Xunit;

namespace HookGateway.UnitTests.Observe;

public sealed class EventNamesTests
{
    [Fact]
    public void Bounded_EndlessNewNames_KeepsAThousandAndCallsTheRestOther()
    {
        var names = new EventNames();
        for (var i = 0; i < 1000; i++)
            Assert.Equal($"e{i}", names.Bounded("s", $"e{i}"));

        Assert.Equal("other", names.Bounded("s", "one more"));
        Assert.Equal("e7", names.Bounded("s", "e7"));
    }
}

using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

public sealed class DemoCommandTests
{
    [Fact]
    public async Task Demo_OfHalfAMinute_ShowsEverythingAndExitsZero()
    {
        // Half of it to send one record's story of three seconds, half for what is late: a disk that stands still takes of both.
        var run = await CommandRun.OfAsync("demo", "--seconds", "30");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.EndsWith("everything as it should be\n", run.Output);
        foreach (var happening in new[] { "202  accepted", "attempt    503", "200  duplicate", "401  ", "attempt 2", "lost  ", ", of several webhooks" })
            Assert.Contains(happening, run.Output);
        Assert.Matches("(?m)^edit sessions +[1-9]", run.Output);
    }
}

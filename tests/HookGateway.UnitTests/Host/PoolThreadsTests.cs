using HookGateway.Host;
using Xunit;

namespace HookGateway.UnitTests.Host;

public sealed class PoolThreadsTests
{
    [Fact]
    public void AtLeastAFew_OnASmallMachine_IsFour()
    {
        ThreadPool.GetMinThreads(out var before, out var completions);
        try
        {
            // As .NET has it where there is one CPU.
            Assert.True(ThreadPool.SetMinThreads(1, completions));

            PoolThreads.AtLeastAFew();

            ThreadPool.GetMinThreads(out var after, out _);
            Assert.Equal(PoolThreads.Least, after);
        }
        finally
        {
            ThreadPool.SetMinThreads(before, completions);
        }
    }
}

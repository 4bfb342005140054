using System.Diagnostics;
using HookGateway.Load.Machine;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class ProcessUsageTests
{
    [Fact]
    public void CpuSecondsIn_AStat_AddsTheProcessAndItsEndedChildren()
    {
        // A program whose name has what separates the fields.
        const string Stat = "4711 (odd) name) S 1 4711 4711 0 -1 4194560 100 200 3 4 250 50 10 15 20 0 12 0 12345 1000000 2000";

        Assert.Equal(3.25, ProcessUsage.CpuSecondsIn(Stat));
    }

    [Fact]
    public void CpuSecondsIn_NoStat_IsNothing() => Assert.Equal(0, ProcessUsage.CpuSecondsIn(""));

    [Fact]
    public void Field_OfAStatus_IsTheNumberOfThatName()
    {
        const string Status = "Name:\tdotnet\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n";

        Assert.Equal(102400, ProcessUsage.Field(Status, "VmRSS"));
        Assert.Equal(0, ProcessUsage.Field(Status, "VmSwap"));
    }

    [Fact]
    public void Of_AProcessWithAChild_CountsBoth()
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "sleep 60 & echo started; wait"]) { RedirectStandardOutput = true })!;
        try
        {
            shell.StandardOutput.ReadLine();
            var children = File.ReadAllText($"/proc/{shell.Id}/task/{shell.Id}/children").Trim();
            var alone = 1024 * ProcessUsage.Field(File.ReadAllText($"/proc/{shell.Id}/status"), "VmRSS");

            Assert.NotEmpty(children);
            Assert.True(ProcessUsage.Of([shell.Id]).Resident > alone);
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public void Of_AProcessThatIsGone_IsNothing() => Assert.Equal(default, ProcessUsage.Of([int.MaxValue]));
}

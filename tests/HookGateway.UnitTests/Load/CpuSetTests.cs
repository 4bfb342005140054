using HookGateway.Load.Machine;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class CpuSetTests
{
    private const string Stat = """
        cpu  600 0 300 5000 100 0 50 0 0 0
        cpu0 100 10 50 2500 60 1 20 4 0 0
        cpu1 500 20 250 2500 40 2 30 6 0 0
        cpu10 900 0 0 0 0 0 0 0 0 0
        intr 12345 0 0
        """;

    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0,2-4", new[] { 0, 2, 3, 4 })]
    [InlineData("3-3", new[] { 3 })]
    public void Numbers_OfAList_AreItsCpus(string text, int[] expected) => Assert.Equal(expected, new CpuSet(text).Numbers.Order());

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("3-1")]
    [InlineData("0-1-2")]
    [InlineData("0-99999999")]
    [InlineData("one")]
    public void Construction_FromAnythingElse_IsRefused(string text) => Assert.Throws<FormatException>(() => new CpuSet(text));

    [Theory]
    [InlineData("0", 1.85)]
    [InlineData("1", 8.08)]
    [InlineData("0-1", 9.93)]
    public void BusySeconds_OfSomeCpus_LeavesIdleTimeAndOtherCpusOut(string text, double expected) =>
        Assert.Equal(expected, new CpuSet(text).BusySeconds(Stat), precision: 6);
}

using HookGateway.Load.Commands;
using HookGateway.Load.Measuring;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class LoadCommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("paced --seconds 600 --rounds 1 --only gateway")]
    [InlineData("compare --starts 8 --rounds 2")]
    [InlineData("store --stored 1000 --marks 10 --pending 5 --json out.json")]
    [InlineData("compare --smoke --server-cpus 0,2 --load-cpus 1,3 --threads 2")]
    public void Parse_OfALine_TakesIt(string line) => Assert.Empty(LoadCommandLine.Create().Parse(line).Errors);

    [Theory]
    [InlineData("nothing", "nothing")]
    [InlineData("--rounds 0", "--rounds: '0' is no whole number from 1 to 1000")]
    [InlineData("--seconds ten", "--seconds: 'ten' is no whole number")]
    [InlineData("--server-cpus first", "--server-cpus: 'first' is no list of CPUs")]
    public void Parse_OfAWrongLine_SaysWhatIsWrong(string line, string expected) =>
        Assert.Contains(LoadCommandLine.Create().Parse(line).Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void CandidatesFor_PartsOfNames_AreTheRowsThatHaveOne()
    {
        var compare = Scenario.All.Single(scenario => scenario.Name == "compare");

        Assert.Equal(
            ["yarp", "gateway, sqlite, fan-out 5"],
            compare.CandidatesFor(new Settings { Only = ["yarp", "Fan-Out"] }).Select(candidate => candidate.Name));
    }

    [Fact]
    public void CandidatesFor_Everything_BeginsWithThePeersOfEveryRatio() => Assert.All(
        Scenario.All, scenario => Assert.Equal("kestrel", scenario.CandidatesFor(new Settings())[0].Name));
}

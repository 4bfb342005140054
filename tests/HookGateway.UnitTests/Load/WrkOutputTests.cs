using HookGateway.Load.Loading;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class WrkOutputTests
{
    private const string Output = """
        Running 10s test @ http://127.0.0.1:8080/hooks/sysaid
          1 threads and 64 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency     6.21ms    3.10ms  91.04ms   95.12%
            Req/Sec    10.34k     1.02k   12.11k    81.00%
          103127 requests in 10.00s, 14.62MB read
        {"load":"sysaid","seconds":10.002103,"requests":103127,"accepted":92800,"duplicate":10300,"refused":20,"failed":7,"unanswered":3,"p50":5.912,"p99":14.703,"p999":61.22,"longest":91.04}

        """;

    [Fact]
    public void Parse_OutputOfARun_ReadsTheScriptsLine() => Assert.Equal(
        new LoadResult
        {
            Seconds = 10.002103,
            Requests = 103127,
            Accepted = 92800,
            Duplicate = 10300,
            Refused = 20,
            Failed = 7,
            Unanswered = 3,
            P50 = 5.912,
            P99 = 14.703,
            P999 = 61.22,
            Longest = 91.04,
        },
        WrkOutput.Parse(Output, error: ""));

    [Theory]
    [InlineData("")]
    [InlineData("{\"load\":\"sysaid\",\"seconds\":1")]
    [InlineData("{\"load\":\"sysaid\"}")]
    public void Parse_WithoutAWholeLine_SaysWhatWasWritten(string output)
    {
        var error = Assert.Throws<InvalidDataException>(() => WrkOutput.Parse(output, "unable to connect to 127.0.0.1:1"));

        Assert.Contains("unable to connect to 127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }
}

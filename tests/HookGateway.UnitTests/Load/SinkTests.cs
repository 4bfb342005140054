using HookGateway.Load.Loading;
using HookGateway.Load.Machine;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class SinkTests
{
    [Fact]
    public void Requests_OfAStatusPage_AreItsThirdCounter()
    {
        const string Status = "Active connections: 291 \nserver accepts handled requests\n 16630948 16630940 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n";

        Assert.Equal(31070465, Sink.Requests(Status));
    }

    [Fact]
    public void Requests_OfSomethingElse_SaysWhatItWas()
    {
        var error = Assert.Throws<InvalidDataException>(() => Sink.Requests("<html>404 Not Found</html>"));

        Assert.Contains("404 Not Found", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_OfNginx_ListensOnLoopbackOnlyAndKeepsItsFilesToItself()
    {
        var listens = Sink.Configuration(8001, 8002, "/scratch", answer: 204).Split('\n')
            .Select(line => line.Trim()).Where(line => line.StartsWith("listen ", StringComparison.Ordinal));

        Assert.All(listens, line => Assert.StartsWith("listen 127.0.0.1:", line, StringComparison.Ordinal));
        Assert.Equal(2, listens.Count());
    }

    [Fact]
    public void Missing_WhereAToolIsNotOnThePath_SaysWhatToInstall()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("nginx", "");
        directory.Write("taskset", "");

        Assert.Equal(["missing: wrk. Install it (Debian: apt-get install wrk)."], Tools.Missing(directory.Path));
        directory.Write("wrk", "");
        Assert.Empty(Tools.Missing($"/nowhere:{directory.Path}"));
        Assert.Equal(
            ["missing: redis-server. Install it (Debian: apt-get install redis-server)."],
            Tools.Missing(directory.Path, withRedis: true));
    }
}

using HookGateway.Testing;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary>The real program, as scripts call it.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData]
    [InlineData("no-such-verb")]
    [InlineData("receive", "--port", "x")]
    [InlineData("receive", "--port", "65536")]
    [InlineData("receive", "--delay", "5")]
    [InlineData("receive", "--fail", "101")]
    [InlineData("receive", "--address", "nowhere")]
    [InlineData("send")]
    [InlineData("send", "sysaid", "--count", "0")]
    [InlineData("send", "sysaid", "--rate", "0")]
    [InlineData("send", "sysaid", "--url", "localhost:8443")]
    [InlineData("signature")]
    [InlineData("signature", "detect", "--secret-env", "HOME")]
    [InlineData("signature", "detect", "--request", "x", "--secret-env", "HOME", "--entry", "0")]
    [InlineData("demo", "--seconds", "1")]
    [InlineData("health", "--admin", "not a url")]
    public async Task WrongUsage_ExitsTwo_AndSaysSoOnStandardErrorOnly(params string[] words)
    {
        var run = await CommandRun.OfAsync(words);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.NotEqual("", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run", "--help")]
    [InlineData("demo", "--help")]
    [InlineData("send", "--help")]
    [InlineData("receive", "--help")]
    [InlineData("validate", "--help")]
    [InlineData("signature", "detect", "--help")]
    [InlineData("health", "--help")]
    public async Task Help_OfEveryVerb_IsAResult(params string[] words)
    {
        var run = await CommandRun.OfAsync(words);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Usage:", run.Output);
    }

    [Fact]
    public async Task Health_OfNobody_ExitsOneWithTheReason()
    {
        var run = await CommandRun.OfAsync("health", "--admin", $"http://127.0.0.1:{FreePorts.Take(1)[0]}");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("not ready: ", run.Error);
    }
}

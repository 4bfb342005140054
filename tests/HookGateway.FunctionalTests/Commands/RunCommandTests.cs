using HookGateway.Testing;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary>Starts that must fail say why, in one line, and end.</summary>
public sealed class RunCommandTests
{
    private const string Sources = "sources: { crm: { verify: none, event: type } }";

    [Fact]
    public async Task Store_HeldByAnotherGateway_ExitsOneWithTheReason()
    {
        await using var gateway = await GatewayProcess.StartAsync(ports => ports.Listen + Sources);
        var free = FreePorts.Take(2);
        var configuration = gateway.Write("second.yaml", $$"""
            listen:
              https: { address: "127.0.0.1:{{free[0]}}" }
              admin: { address: "127.0.0.1:{{free[1]}}" }
            {{Sources}}
            """);

        var second = await CommandRun.OfAsync(["run", "--config", configuration], gateway.Directory);

        Assert.Equal((1, ""), (second.ExitCode, second.Output));
        Assert.Contains("in use by another process", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Admin_BeyondLoopbackWithoutAToken_ExitsTwoWithThePlace()
    {
        using var files = new TemporaryDirectory();
        var configuration = files.Write("open.yaml", $$"""
            listen: { admin: { address: "0.0.0.0:9080" } }
            {{Sources}}
            """);

        var run = await CommandRun.OfAsync("run", "--config", configuration);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("open.yaml:1:", run.Error, StringComparison.Ordinal);
        Assert.Contains("refuses to start", run.Error, StringComparison.Ordinal);
    }
}

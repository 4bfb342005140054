using HookGateway.Host.Commands;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Host.Commands;

public sealed class RunCommandTests
{
    [Fact]
    public async Task Run_ToldToEndWhileItStarts_EndsInOrderWithZero()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("hookgateway.yaml", $$"""
            listen: { https: { address: "127.0.0.1:0" }, admin: { address: "127.0.0.1:0" } }
            storage: { path: "{{directory.Path}}/store.db" }
            sources:
              s: { preset: sysaid, secrets: [s] }
            """);
        using var error = new StringWriter();

        var code = await CommandLine.RunAsync(["run", "--config", file], TextWriter.Null, error, new CancellationToken(canceled: true));

        Assert.Equal(0, code);
    }
}

using HookGateway.Host.Commands;
using HookGateway.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Outcome_BackgroundServiceEndedTheHost_IsFailed(bool fails, int expected)
    {
        using var host = new HostBuilder().ConfigureServices(services => services.AddHostedService(_ => new Part(fails))).Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        if (!fails)
            host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await host.WaitForShutdownAsync(TestContext.Current.CancellationToken);

        using var error = new StringWriter();
        Assert.Equal(expected, RunCommand.Outcome(host.Services, error));
        Assert.Equal(fails, error.ToString().Contains("Part failed", StringComparison.Ordinal));
    }

    private sealed class Part(bool fails) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            if (fails)
                throw new InvalidOperationException();
        }
    }
}

using System.CommandLine;

namespace HookGateway.Host.Commands;

/// <summary><c>run</c>: the gateway.</summary>
internal sealed class RunCommand : Command
{
    private readonly Option<string> _config = ConfigurationFile.Option();

    public RunCommand() : base(
        "run", "Runs the gateway until SIGTERM or Ctrl-C; then it takes no more, finishes what is under way and exits 0.")
    {
        Add(_config);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        if (ConfigurationFile.Load(line.GetRequiredValue(_config), line.InvocationConfiguration.Error) is not { } configuration)
            return ExitCode.Usage;
        await using var gateway = GatewayApplication.Build(configuration);
        await gateway.RunAsync(cancellationToken);
        return ExitCode.Done;
    }
}

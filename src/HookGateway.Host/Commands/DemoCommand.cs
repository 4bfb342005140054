using System.CommandLine;
using HookGateway.Host.Demo;

namespace HookGateway.Host.Commands;

/// <summary><c>demo</c>: the gateway at work, with nothing to set up.</summary>
internal sealed class DemoCommand : Command
{
    // The receiver fails at first, and the retries take their time.
    private const int FewestSeconds = 10;

    private readonly Option<int?> _seconds = NumberOption.Option(
        "--seconds",
        "Ends after so many seconds, at least 10: exits 0 only if every event arrived exactly as it should. Default: Ctrl-C ends it.",
        FewestSeconds,
        86_400);
    private readonly Option<bool> _json = JsonOption.Option();

    public DemoCommand() : base(
        "demo",
        "Shows the gateway at work: a pretended SysAid sends signed events of records that are edited, some twice, late, never or "
        + "forged, to a gateway on free loopback ports with a temporary store. Each edit session becomes one message, and a receiver "
        + "that fails at first takes them.")
    {
        Add(_seconds);
        Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var screen = new DemoScreen(new Terminal(line.InvocationConfiguration.Output), line.GetValue(_json));
        var limit = line.GetValue(_seconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var verdict = await DemoScenario.RunAsync(limit, screen, line.InvocationConfiguration.Error, cancellationToken);
        screen.Show(verdict);
        return verdict.Faults.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}

using System.CommandLine;
using System.Text.Json;
using HookGateway.Admin;
using HookGateway.Host.Operating;

namespace HookGateway.Host.Commands;

/// <summary><c>events tail</c>: what happens in a running gateway, as it happens.</summary>
internal sealed class TailCommand : Command
{
    private readonly AdminOptions _admin = new();
    private readonly EventFilterOptions _filters = new();

    public TailCommand() : base("tail", "Prints events as they are accepted and as attempts to deliver them end, until Ctrl-C.")
    {
        _filters.AddTo(this);
        _admin.Serve(this, RunAsync);
    }

    private async Task<int> RunAsync(ParseResult line, AdminClient client, OperatorScreen screen, CancellationToken cancellationToken)
    {
        var query = string.Join('&', _filters.Parameters(line).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"));
        try
        {
            await foreach (var item in client.StreamAsync($"/api/v1/events/stream?{query}", Opened, cancellationToken))
            {
                if (item.EventType == "skipped")
                    screen.Show(JsonSerializer.Deserialize(item.Data, AdminJson.Default.SkippedView)!);
                else
                    screen.Show(JsonSerializer.Deserialize(item.Data, AdminJson.Default.HappeningView)!);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Done;
        }

        throw new AdminException("The gateway ended the stream: it is stopping.");

        void Opened() => line.InvocationConfiguration.Error.WriteLine("Listening; Ctrl-C ends it.");
    }
}

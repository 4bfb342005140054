using System.CommandLine;
using System.Globalization;
using HookGateway.Admin;
using HookGateway.Host.Operating;

namespace HookGateway.Host.Commands;

/// <summary><c>destinations</c>: those of a running gateway.</summary>
internal sealed class DestinationsCommand : Command
{
    private readonly AdminOptions _admin = new();
    private readonly BulkReplayOptions _bulk = new();
    private readonly Argument<string> _name = new("NAME") { Description = "The destination's name in the configuration." };

    public DestinationsCommand() : base("destinations", "Lists, pauses and resumes the destinations of a running gateway, and replays what is dead.")
    {
        var list = new Command("list", "Lists destinations with what they are owed; of their URLs only scheme and host.");
        _admin.Serve(list, async (_, client, screen, cancellationToken) =>
        {
            screen.Show((await client.GetAsync("/api/v1/destinations", AdminJson.Default.DestinationListView, cancellationToken)).Destinations);
            return ExitCode.Done;
        });
        Add(list);
        Add(Pausing("pause", "Starts no more deliveries to NAME, also after a restart; what arrives is kept and delivered after 'resume'."));
        Add(Pausing("resume", "Goes on with the deliveries to NAME."));
        Add(ReplayDead());
    }

    private Command Pausing(string verb, string description)
    {
        var command = new Command(verb, description) { _name };
        _admin.Serve(command, async (line, client, screen, cancellationToken) =>
        {
            screen.Show(await client.PostAsync(Path(line, verb), AdminJson.Default.PauseView, cancellationToken));
            return ExitCode.Done;
        });
        return command;
    }

    private Command ReplayDead()
    {
        var command = new Command("replay-dead", "Makes every dead delivery to NAME due again, with a new retry schedule: a bulk replay, see 'events replays'.") { _name };
        _bulk.AddTo(command);
        _admin.Serve(command, ReplayDeadAsync);
        return command;
    }

    private async Task<int> ReplayDeadAsync(ParseResult line, AdminClient client, OperatorScreen screen, CancellationToken cancellationToken)
    {
        var name = line.GetRequiredValue(_name);
        var known = await client.GetAsync("/api/v1/destinations", AdminJson.Default.DestinationListView, cancellationToken);
        var destination = known.Destinations.FirstOrDefault(d => d.Name == name && d.Configured)
            ?? throw new AdminException($"No destination is called '{name}'.");
        return await _bulk.RunAsync(
            line, client, screen, $"{destination.Dead.ToString(CultureInfo.InvariantCulture)} dead deliveries",
            () => client.PostAsync(Path(line, "replay-dead"), AdminJson.Default.BulkReplayView, cancellationToken),
            cancellationToken);
    }

    private string Path(ParseResult line, string verb) =>
        $"/api/v1/destinations/{Uri.EscapeDataString(line.GetRequiredValue(_name))}/{verb}";
}

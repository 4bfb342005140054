using System.CommandLine;
using System.Globalization;
using HookGateway.Admin;
using HookGateway.Host.Operating;

namespace HookGateway.Host.Commands;

/// <summary><c>events replay</c>: events again, by their ids or by a filter.</summary>
internal sealed class ReplayCommand : Command
{
    private readonly AdminOptions _admin = new();
    private readonly Argument<string[]> _ids = new("ID")
    {
        Description = "The events' ids.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> _destinations = new("--to")
    {
        Description = "The destinations to deliver to, configured ones. Default: where today's routes lead.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _where = new("--where")
    {
        Description = "All events that meet this, such as 'source=sysaid state=dead from=2h': the filters of 'events list'.",
        HelpName = "FILTER",
    };

    private readonly Option<bool> _all = new("--all") { Description = "Every event that is stored." };
    private readonly BulkReplayOptions _bulk = new();

    public ReplayCommand() : base(
        "replay", "Delivers events again under the same id, marked with X-HookGateway-Replay: dead deliveries are revived, others added.")
    {
        Add(_ids);
        foreach (var option in new Option[] { _destinations, _where, _all })
            Add(option);

        _bulk.AddTo(this);

        Validators.Add(line =>
        {
            var ways = new[] { line.GetValue(_ids) is { Length: > 0 }, line.GetValue(_where) is { Length: > 0 }, line.GetValue(_all) };
            if (ways.Count(given => given) != 1)
                line.AddError("Say what to replay, in one way: IDs, --where FILTER or --all.");
            else if (line.GetValue(_where) is { Length: > 0 } where && !WhereClause.TryParse(where, out _, out var fault))
                line.AddError($"--where: {fault}");
        });
        _admin.Serve(this, (line, client, screen, cancellationToken) =>
            line.GetValue(_ids) is { Length: > 0 } ids
                ? ReplayEachAsync(ids, Destinations(line), client, screen, cancellationToken)
                : ReplayManyAsync(line, client, screen, cancellationToken));
    }

    private string[]? Destinations(ParseResult line) => line.GetValue(_destinations) is { Length: > 0 } names ? names : null;

    private static async Task<int> ReplayEachAsync(
        string[] ids, string[]? destinations, AdminClient client, OperatorScreen screen, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            screen.Show(await client.PostAsync(
                $"/api/v1/events/{Uri.EscapeDataString(id)}/replay", new ReplayBody(destinations), AdminJson.Default.ReplayBody,
                AdminJson.Default.ReplayView, cancellationToken));
        }

        return ExitCode.Done;
    }

    private async Task<int> ReplayManyAsync(
        ParseResult line, AdminClient client, OperatorScreen screen, CancellationToken cancellationToken)
    {
        var where = line.GetValue(_where) is { } clauses && WhereClause.TryParse(clauses, out var filter, out _) ? filter : null;
        var body = new BulkReplayBody(where, Destinations(line), All: line.GetValue(_all), Preview: true);
        var preview = await client.PostAsync(
            "/api/v1/replays", body, AdminJson.Default.BulkReplayBody, AdminJson.Default.ReplayPreviewView, cancellationToken);
        return await _bulk.RunAsync(
            line, client, screen, $"{preview.Matched.ToString(CultureInfo.InvariantCulture)} events",
            () => client.PostAsync(
                "/api/v1/replays", body with { Preview = false }, AdminJson.Default.BulkReplayBody, AdminJson.Default.BulkReplayView,
                cancellationToken),
            cancellationToken);
    }
}

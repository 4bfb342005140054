using System.CommandLine;
using HookGateway.Admin;
using HookGateway.Host.Operating;

namespace HookGateway.Host.Commands;

/// <summary><c>events</c>: the event log of a running gateway.</summary>
internal sealed class EventsCommand : Command
{
    private const int LargestPage = 1000;

    private readonly AdminOptions _admin = new();
    private readonly EventFilterOptions _filters = new();
    private readonly Option<string?> _from = EventFilterOptions.Option("--from", "TIME", "Only from then on: 2026-03-01T12:00:00Z, or 2h for two hours ago.");
    private readonly Option<string?> _until = EventFilterOptions.Option("--to", "TIME", "Only before then.");
    private readonly Option<int?> _limit = NumberOption.Option("--limit", "At most so many.", 1, 1_000_000, 50);
    private readonly Argument<string> _id = new("ID") { Description = "The event's id, as its sender and every downstream got it." };
    private readonly Option<bool> _body = new("--body") { Description = "Print the raw body instead." };

    public EventsCommand() : base("events", "Lists, shows, follows and replays the events of a running gateway.")
    {
        Add(List());
        Add(Show());
        Add(new TailCommand());
        Add(new ReplayCommand());
        Add(new ReplaysCommand());
    }

    private Command List()
    {
        var list = new Command("list", "Lists events, the newest first.");
        _filters.AddTo(list);
        foreach (var option in (Option[])[_from, _until, _limit])
            list.Add(option);

        _admin.Serve(list, ListAsync);
        return list;
    }

    private Command Show()
    {
        var show = new Command("show", "Shows one event with its deliveries and every attempt.") { _id, _body };
        _admin.Serve(show, async (line, client, screen, cancellationToken) =>
        {
            var path = $"/api/v1/events/{Uri.EscapeDataString(line.GetRequiredValue(_id))}";
            if (line.GetValue(_body))
            {
                await using var output = Console.OpenStandardOutput();
                await output.WriteAsync(await client.GetBytesAsync($"{path}/body", cancellationToken), cancellationToken);
                return ExitCode.Done;
            }

            screen.Show(await client.GetAsync(path, AdminJson.Default.EventView, cancellationToken));
            return ExitCode.Done;
        });
        return show;
    }

    private async Task<int> ListAsync(ParseResult line, AdminClient client, OperatorScreen screen, CancellationToken cancellationToken)
    {
        var query = string.Concat(Parameters(line).Select(p => $"&{p.Name}={Uri.EscapeDataString(p.Value)}"));
        var limit = line.GetRequiredValue(_limit)!.Value;
        var events = new List<EventView>();
        for (string? cursor = ""; cursor is not null && events.Count < limit;)
        {
            var path = $"/api/v1/events?limit={Math.Min(limit - events.Count, LargestPage)}{query}{cursor}";
            var page = await client.GetAsync(path, AdminJson.Default.EventListView, cancellationToken);
            events.AddRange(page.Events);
            cursor = page.Next is { } next ? $"&cursor={Uri.EscapeDataString(next)}" : null;
        }

        screen.Show(events);
        return ExitCode.Done;
    }

    private IEnumerable<(string Name, string Value)> Parameters(ParseResult line)
    {
        foreach (var parameter in _filters.Parameters(line))
            yield return parameter;

        foreach (var option in new[] { _from, _until })
        {
            if (line.GetValue(option) is { } value)
                yield return (option.Name[2..], TimeOption.Absolute(value));
        }
    }
}

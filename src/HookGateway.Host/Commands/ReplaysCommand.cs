using System.CommandLine;
using System.Globalization;
using HookGateway.Admin;

namespace HookGateway.Host.Commands;

/// <summary><c>events replays</c>: the bulk replays of a running gateway.</summary>
internal sealed class ReplaysCommand : Command
{
    private readonly AdminOptions _admin = new();
    private readonly Argument<long?> _number = new("N")
    {
        Description = "The replay's number. Default: all of them.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _cancel = new("--cancel") { Description = "End it: what it has made is still delivered." };

    public ReplaysCommand() : base("replays", "Lists the replays of many events, the newest first; shows or cancels one.")
    {
        Add(_number);
        Add(_cancel);
        Validators.Add(line =>
        {
            if (line.GetValue(_cancel) && line.GetValue(_number) is null)
                line.AddError("--cancel needs the replay's number.");
        });
        _admin.Serve(this, async (line, client, screen, cancellationToken) =>
        {
            if (line.GetValue(_number) is not { } number)
            {
                screen.Show((await client.GetAsync("/api/v1/replays", AdminJson.Default.BulkReplayListView, cancellationToken)).Replays);
                return ExitCode.Done;
            }

            var path = $"/api/v1/replays/{number.ToString(CultureInfo.InvariantCulture)}";
            screen.Show(line.GetValue(_cancel)
                ? await client.PostAsync($"{path}/cancel", AdminJson.Default.BulkReplayView, cancellationToken)
                : await client.GetAsync(path, AdminJson.Default.BulkReplayView, cancellationToken));
            return ExitCode.Done;
        });
    }
}

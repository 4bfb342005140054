using System.Globalization;
using HookGateway.Admin;
using Spectre.Console;

namespace HookGateway.Host.Operating;

/// <summary>Waits until everything that a bulk replay made has ended, with a bar on a terminal.</summary>
internal sealed class ReplayProgress(AdminClient client, TextWriter error)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    /// <returns>The replay at its end.</returns>
    /// <exception cref="AdminException">The gateway does not answer any more; the replay goes on with it.</exception>
    public async Task<BulkReplayView> FollowAsync(BulkReplayView begun, CancellationToken cancellationToken)
    {
        try
        {
            var output = new AnsiConsoleOutput(error);
            if (!output.IsTerminal)
                return await PollAsync(begun, static _ => { }, cancellationToken);

            return await AnsiConsole.Create(new AnsiConsoleSettings { Out = output }).Progress().StartAsync(bar =>
            {
                var (looked, delivered) = (bar.AddTask("events looked at"), bar.AddTask("deliveries ended"));
                return PollAsync(begun, Show, cancellationToken);

                void Show(BulkReplayView view)
                {
                    (looked.MaxValue, looked.Value) = (Math.Max(1, view.Total), view.Total == 0 ? 1 : view.Scanned);
                    (delivered.MaxValue, delivered.Value) = (Math.Max(1, view.Made), view.Made - view.Pending);
                }
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw GoesOn(begun, "It");
        }
        catch (AdminException e)
        {
            throw GoesOn(begun, $"{e.Message} The replay");
        }
    }

    private async Task<BulkReplayView> PollAsync(BulkReplayView view, Action<BulkReplayView> show, CancellationToken cancellationToken)
    {
        for (show(view); view.State is "running" or "delivering"; show(view))
        {
            await Task.Delay(Every, TimeProvider.System, cancellationToken);
            view = await client.GetAsync($"/api/v1/replays/{Number(view.Id)}", AdminJson.Default.BulkReplayView, cancellationToken);
        }

        return view;
    }

    private static AdminException GoesOn(BulkReplayView replay, string what) =>
        new($"{what} goes on in the gateway: 'events replays {Number(replay.Id)}' shows how far it is, --cancel ends it.");

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

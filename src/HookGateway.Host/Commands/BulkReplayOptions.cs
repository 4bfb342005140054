using System.CommandLine;
using HookGateway.Admin;
using HookGateway.Host.Operating;

namespace HookGateway.Host.Commands;

/// <summary>What the verbs that begin a bulk replay share: somebody has to mean it, and it is followed to its end.</summary>
internal sealed class BulkReplayOptions
{
    private readonly Option<bool> _yes = new("--yes") { Description = "Do not ask. Needed where there is no terminal to ask at." };
    private readonly Option<bool> _detach = new("--detach") { Description = "Do not wait until everything is delivered." };

    public void AddTo(Command verb)
    {
        verb.Add(_yes);
        verb.Add(_detach);
    }

    /// <summary>Asks whether it is meant, begins it, and follows it.</summary>
    /// <param name="line">The parsed line.</param>
    /// <param name="client">To follow it with.</param>
    /// <param name="screen">Where its end is shown.</param>
    /// <param name="count">What it would replay, with a number: <c>2 events</c>.</param>
    /// <param name="begin">Begins it.</param>
    /// <param name="cancellationToken">Ends the following, not the replay.</param>
    /// <returns>The exit code: <see cref="ExitCode.Usage"/> where nobody could be asked.</returns>
    public async Task<int> RunAsync(
        ParseResult line, AdminClient client, OperatorScreen screen, string count, Func<Task<BulkReplayView>> begin,
        CancellationToken cancellationToken)
    {
        var error = line.InvocationConfiguration.Error;
        if (line.GetValue(_yes))
        {
            await error.WriteLineAsync($"{count} match.");
        }
        else if (!Question.MayBeAsked)
        {
            await error.WriteLineAsync($"{count} match. Nothing is replayed: there is no terminal to ask at. Add --yes where it is meant.");
            return ExitCode.Usage;
        }
        else if (!Question.Ask(error, $"Replay {count}?"))
        {
            return ExitCode.Failed;
        }

        var begun = await begin();
        if (line.GetValue(_detach))
        {
            screen.Show(begun);
            return ExitCode.Done;
        }

        var ended = await new ReplayProgress(client, error).FollowAsync(begun, cancellationToken);
        screen.Show(ended);
        return ended is { State: "done", Dead: 0 } ? ExitCode.Done : ExitCode.Failed;
    }
}

using System.CommandLine;
using HookGateway.Load.Machine;
using HookGateway.Load.Measuring;

namespace HookGateway.Load.Commands;

/// <summary>The words after <c>bench/load/run</c>.</summary>
internal static class LoadCommandLine
{
    // Everything that was started ends before this process does.
    private static readonly TimeSpan EndWithin = TimeSpan.FromMinutes(1);

    /// <summary>Runs one line.</summary>
    /// <returns>0 where it was done, 1 where it failed, 2 for wrong words or a missing tool.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var line = Create().Parse(args);
        if (line.Errors.Count == 0)
            return await line.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = EndWithin });
        line.Invoke(new InvocationConfiguration { Output = Console.Error });
        return 2;
    }

    /// <summary>All of them.</summary>
    internal static RootCommand Create() => new ScenarioCommand { new PeerCommand() };
}

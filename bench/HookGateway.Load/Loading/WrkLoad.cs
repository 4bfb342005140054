using System.Diagnostics;
using System.Globalization;
using HookGateway.Load.Machine;
using HookGateway.Load.Peers;

namespace HookGateway.Load.Loading;

/// <summary>As many events as are answered, over a fixed number of connections: <c>wrk</c> with a script that signs.</summary>
/// <param name="cpus">Where it runs.</param>
/// <param name="connections">How many, each with one request at a time.</param>
/// <param name="threads">wrk's own.</param>
/// <param name="bodyFile">Holds <see cref="SampleEvent.Template"/>.</param>
internal sealed class WrkLoad(CpuSet cpus, int connections, int threads, string bodyFile) : ILoad
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "sysaid.lua");

    /// <inheritdoc/>
    public async Task<LoadResult> RunAsync(Peer peer, TimeSpan time, CancellationToken cancellationToken)
    {
        string[] words =
        [
            .. cpus.Wrapper, "wrk", $"-t{threads}", $"-c{connections}",
            string.Create(CultureInfo.InvariantCulture, $"-d{Math.Ceiling(time.TotalSeconds)}s"), "--timeout", "10s", "-s", Script, peer.Url.AbsoluteUri,
        ];
        var command = new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Variables(peer.Candidate))
            command.Environment[name] = value;
        using var wrk = Process.Start(command)!;
        try
        {
            var (output, error) = (wrk.StandardOutput.ReadToEndAsync(cancellationToken), wrk.StandardError.ReadToEndAsync(cancellationToken));
            await wrk.WaitForExitAsync(cancellationToken);
            return WrkOutput.Parse(await output, await error);
        }
        finally
        {
            if (!wrk.HasExited)
                wrk.Kill(entireProcessTree: true);
        }
    }

    private Dictionary<string, string> Variables(Candidate candidate) => new()
    {
        ["LOAD_BODY"] = bodyFile,
        ["LOAD_SECRET"] = SampleEvent.Secret,
        ["LOAD_HEADER"] = SampleEvent.SignatureHeader,
        ["LOAD_NAMES"] = candidate.EventNames.ToString(CultureInfo.InvariantCulture),
        ["LOAD_REPEATS"] = candidate.DuplicatePercent.ToString(CultureInfo.InvariantCulture),
        ["LOAD_FORGED"] = candidate.ForgedPercent.ToString(CultureInfo.InvariantCulture),
        ["LOAD_CLOSE"] = candidate.NewConnections ? "1" : "0",
    };
}

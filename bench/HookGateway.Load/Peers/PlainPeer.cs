using HookGateway.Load.Machine;
using HookGateway.Testing;

namespace HookGateway.Load.Peers;

/// <summary>One of <see cref="PlainServers"/>: this very program in another process, with the verb <c>peer</c>.</summary>
internal sealed class PlainPeer(Candidate candidate, Rig rig) : Peer(candidate)
{
    private readonly int _port = FreePorts.Take(1)[0];
    private ServerProcess? _server;

    /// <inheritdoc/>
    public override Uri Url => new($"{(Candidate.Https ? "https" : "http")}://127.0.0.1:{_port}/hooks/{GatewayYaml.Source}");

    /// <inheritdoc/>
    public override IReadOnlyList<int> ProcessIds => [_server!.Id];

    /// <inheritdoc/>
    protected override async Task StartAsync()
    {
        List<string> words =
        [
            "dotnet", typeof(PlainPeer).Assembly.Location, "peer", Candidate.Kind.ToString().ToLowerInvariant(),
            "--port", $"{_port}", "--downstream", rig.Downstream.Url.AbsoluteUri, "--directory", rig.Directory,
            "--destinations", $"{Candidate.Gateway.Destinations}",
        ];
        if (Candidate.Https)
            words.AddRange(["--certificate", rig.Certificate.Path, "--key", rig.Certificate.Key]);
        _server = await ServerProcess.StartAsync(rig.ServerCpus, _port, words);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}

using HookGateway.Testing;
using HookGateway.Testing.Gateway;

namespace HookGateway.Load.Peers;

/// <summary>The gateway as operators run it, on a store of its own.</summary>
internal sealed class GatewayPeer(Candidate candidate, Rig rig, GatewayStore store) : Peer(candidate)
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(10);

    private StoreSize _before;
    private GatewayProcess? _process;

    /// <inheritdoc/>
    public override Uri Url =>
        new(Candidate.Https ? _process!.HttpsUrl : _process!.HttpUrl, $"/hooks/{GatewayYaml.Source}");

    /// <inheritdoc/>
    public override IReadOnlyList<int> ProcessIds => [_process!.Pid, .. store.ProcessIds];

    /// <inheritdoc/>
    public override async Task<double?> StopAsync(CancellationToken cancellationToken)
    {
        // An orderly end moves all of the log into the database.
        var code = await _process!.TerminateAsync(StopWithin);
        return code == 0
            ? (await store.MeasureAsync()).GrowthPerEvent(_before)
            : throw new InvalidOperationException($"The gateway '{Candidate.Name}' ended with {code}; it wrote:\n{_process.Output}");
    }

    /// <inheritdoc/>
    protected override async Task StartAsync()
    {
        _before = await store.MeasureAsync();
        var nobody = new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}/");
        var around = new Surroundings(store.Yaml, rig.Downstream.Url, nobody, rig.Otlp, rig.Certificate);
        _process = await GatewayProcess.StartAsync(
            ports => GatewayYaml.Write(Candidate, ports, around),
            new GatewayStart { Wrapper = rig.ServerCpus.Wrapper, Limit = StartWithin });
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        await store.DisposeAsync();
    }
}

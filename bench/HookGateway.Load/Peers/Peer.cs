using System.Diagnostics;

namespace HookGateway.Load.Peers;

/// <summary>A server that is measured, running.</summary>
internal abstract class Peer(Candidate candidate) : IAsyncDisposable
{
    /// <summary>What it is.</summary>
    public Candidate Candidate { get; } = candidate;

    /// <summary>Where events are posted to.</summary>
    public abstract Uri Url { get; }

    /// <summary>Its processes, those of its storage engine among them; what they started themselves is found by them.</summary>
    public abstract IReadOnlyList<int> ProcessIds { get; }

    /// <summary>From the start of its process until it took requests.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>Ends it in order.</summary>
    /// <returns>
    /// By how many bytes its store has grown since before its start, a stored event; <see langword="null"/> where it has none, or
    /// too few events to tell.
    /// </returns>
    public virtual Task<double?> StopAsync(CancellationToken cancellationToken) => Task.FromResult<double?>(null);

    /// <summary>Starts what <paramref name="candidate"/> says, its store filled.</summary>
    public static async Task<Peer> StartAsync(Candidate candidate, Rig rig, CancellationToken cancellationToken)
    {
        Peer peer = candidate.Kind == PeerKind.Gateway
            ? new GatewayPeer(candidate, rig, await GatewayStore.CreateAsync(candidate.Gateway, rig, cancellationToken))
            : new PlainPeer(candidate, rig);
        try
        {
            var began = Stopwatch.GetTimestamp();
            await peer.StartAsync();
            peer.StartTime = Stopwatch.GetElapsedTime(began);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, and returns once it takes requests.</summary>
    protected abstract Task StartAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

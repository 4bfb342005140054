using HookGateway.Load.Peers;

namespace HookGateway.Load.Loading;

/// <summary>Something that posts events.</summary>
internal interface ILoad
{
    /// <summary>Posts to a server for so long, and waits for the answers.</summary>
    Task<LoadResult> RunAsync(Peer peer, TimeSpan time, CancellationToken cancellationToken);
}

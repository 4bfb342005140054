using System.Net;
using HookGateway.Store;

namespace HookGateway.Storage.Redis.Link;

/// <summary>What the primaries promise, as it was seen.</summary>
/// <param name="Condition">Held against what the configuration asks for.</param>
/// <param name="Replicas">How many replicas must have what is written: of all primaries the least.</param>
internal sealed record SeenPromises(StoreCondition Condition, int Replicas)
{
    /// <summary>The only primary there is; <see langword="null"/> in a Cluster, and where two say they are it.</summary>
    public EndPoint? Primary { get; init; }

    /// <summary>Whether two say they are the primary of the same events.</summary>
    public bool AreTwo { get; init; }
}

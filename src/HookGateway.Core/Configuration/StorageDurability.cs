namespace HookGateway.Configuration;

/// <summary>What a Redis server must promise before the gateway acknowledges an event.</summary>
public enum StorageDurability
{
    /// <summary>Nothing: a crash of the server loses what it held in memory, or the last second of it.</summary>
    Memory = 0,

    /// <summary>
    /// The event is on the primary's disk (<c>appendonly yes</c>, <c>appendfsync always</c>). A failover can lose what no replica has yet.
    /// </summary>
    Fsync = 1,

    /// <summary>
    /// As many replicas as the primary's <c>min-replicas-to-write</c> have the event: a failover to one of them loses nothing.
    /// </summary>
    Replicated = 2,
}

namespace HookGateway.Storage.Redis;

/// <summary>What a Redis server must promise before the gateway acknowledges an event: <c>storage.durability</c>.</summary>
public enum RedisDurability
{
    /// <summary>Nothing: what it holds in memory is lost with it, or the last second of it.</summary>
    Memory = 0,

    /// <summary>It is on the primary's disk (<c>appendonly yes</c>, <c>appendfsync always</c>). A failover can lose what no replica has yet.</summary>
    Fsync = 1,
}

using HookGateway.Store;

namespace HookGateway.Configuration;

/// <summary><c>storage</c>: where events are kept.</summary>
public sealed record StorageConfiguration
{
    /// <summary>The engine's name: <c>sqlite</c>, one gateway and nothing to set up, or <c>redis</c>, many. Default <c>sqlite</c>.</summary>
    public string Engine { get; init; } = "sqlite";

    /// <summary>SQLite's file, relative to the working directory. Default <c>data/hookgateway.db</c>.</summary>
    public string Path { get; init; } = "data/hookgateway.db";

    /// <summary>Which Redis, as StackExchange.Redis reads it; needed with that engine. It may hold a password.</summary>
    public string Connection { get; init; } = "";

    /// <summary>What every key in Redis begins with; gateways with the same one share their events. Default <c>hookgateway</c>.</summary>
    public string Prefix { get; init; } = "hookgateway";

    /// <summary>Over how many hash slots of Redis events are spread, where nothing is stored yet; 1 to 1024. Default 4.</summary>
    public int Partitions { get; init; } = 4;

    /// <summary>What the Redis server must promise. Default <see cref="StorageDurability.Fsync"/>.</summary>
    public StorageDurability Durability { get; init; } = StorageDurability.Fsync;

    /// <summary>How long ended events are kept. Default 7 days, dead ones 30; with Redis an hour, dead ones 30 days, and bodies of delivered ones 15 minutes.</summary>
    public RetentionLimits Retention { get; init; } = new(TimeSpan.FromDays(7), TimeSpan.FromDays(30));
}

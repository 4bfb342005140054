using HookGateway.Configuration;

namespace HookGateway.Storage.Redis;

/// <summary>Which Redis, and how it is used.</summary>
public sealed record RedisStoreOptions
{
    /// <summary>
    /// Where it is, as StackExchange.Redis reads it: <c>HOST:PORT,HOST:PORT,password=...</c>. Of a Cluster or behind Sentinel
    /// (<c>serviceName=...</c>) some of the nodes are enough.
    /// </summary>
    public required string Connection { get; init; }

    /// <summary>What every key begins with: gateways with the same one share their events. Default <c>hookgateway</c>.</summary>
    public string Prefix { get; init; } = "hookgateway";

    /// <summary>
    /// Over how many hash slots the events are spread, where nothing is stored yet; 1 to 1024. Whoever stores first decides. Default 4.
    /// </summary>
    public int Partitions { get; init; } = 4;

    /// <summary>What the server must promise. Default <see cref="StorageDurability.Fsync"/>.</summary>
    public StorageDurability Durability { get; init; } = StorageDurability.Fsync;

    /// <summary>
    /// The longest an event waits to be stored before it is answered as unavailable. Default 8 s, as <c>limits.requestTimeout</c>.
    /// </summary>
    public TimeSpan AcceptTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// How long a delivery stays with a gateway that does not renew it, because it died: longer than any attempt. Default 30 s.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sources whose bodies stay as long as their events, whatever <see cref="Store.RetentionLimits.Bodies"/> says. Default none.</summary>
    public IReadOnlyCollection<string> KeepBodiesOf { get; init; } = [];

    /// <summary>How often a lane asks for what other gateways left due. Default 1 s.</summary>
    internal TimeSpan LookAgain { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often it is looked at what the servers promise. Default 5 s.</summary>
    internal TimeSpan LookAtPromises { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest that closing waits for what is to be written. Default 10 s.</summary>
    internal TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest that somebody waits for what gateways share beside events. Default 1 s.</summary>
    internal TimeSpan CacheTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For tests: runs before a script is sent, which waits for it and is not sent where it fails.</summary>
    internal Func<Task>? BeforeScript { get; init; }

    /// <summary>For tests: runs before the answer of a script is known; where it fails the script counts as failed though it was done.</summary>
    internal Func<Task>? AfterScript { get; init; }

    /// <summary>For tests: scripts go by the store's clock, not by the server's.</summary>
    internal bool OwnClock { get; init; }
}

using HookGateway.Configuration;
using HookGateway.Storage.Redis;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace HookGateway.StorageTests.Redis;

/// <summary>A prefix of its own on a server, or a Cluster, that all tests share.</summary>
public sealed class RedisEngine : StoreEngine
{
    // Ends a connection's text: a server answers when it can, however long its disk takes. Not connectTimeout: by that the client also
    // decides how long it waits before it connects again.
    internal const string Patient = ",asyncTimeout=60000";

    // They serve all classes at once, and end with the process.
    private static readonly Lazy<RedisServer> Server = new(() => UntilExit(() => RedisServer.StartAsync()));
    private static readonly Lazy<RedisServer> Replicated = new(StartReplicated);
    private static readonly Lazy<RedisCluster> Cluster = new(() => UntilExit(() => RedisCluster.StartAsync()));

    public RedisEngine(bool inCluster = false, params string[] keepBodiesOf)
    {
        Options = new RedisStoreOptions
        {
            Connection = (inCluster ? Cluster.Value.Connection : Server.Value.Connection) + Patient,
            Prefix = $"test-{Guid.NewGuid():N}",
            Durability = StorageDurability.Memory,
            LookAgain = Timeout.InfiniteTimeSpan,
            OwnClock = true,

            // The clock of these tests leaps by months: the default would be renewed millions of times meanwhile.
            Lease = TimeSpan.FromHours(12),
            KeepBodiesOf = keepBodiesOf,
        };
    }

    /// <summary>On a server whose events a replica must have before they are acknowledged.</summary>
    public static RedisEngine OfReplicated()
    {
        var engine = new RedisEngine();
        engine.Options = engine.Options with { Connection = Replicated.Value.Connection + Patient, Durability = StorageDurability.Replicated };
        return engine;
    }

    /// <summary>What the next store is opened with.</summary>
    internal RedisStoreOptions Options { get; set; }

    public override IEventStore Create(TimeProvider time) => new RedisEventStore(Options, time, NullLogger<RedisEventStore>.Instance);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static RedisServer StartReplicated()
    {
        var primary = UntilExit(() => RedisServer.StartAsync("--min-replicas-to-write", "1", "--repl-diskless-sync-delay", "0"));
        UntilExit(() => RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{primary.Port}"));

        // The replica knows earlier, and until then the primary takes nothing.
        Wait.UntilAsync(
            async () => (await primary.RunAsync("INFO replication")).Contains("min_slaves_good_slaves:1", StringComparison.Ordinal), "the primary to count its replica")
            .GetAwaiter().GetResult();
        return primary;
    }

    private static T UntilExit<T>(Func<Task<T>> start)
        where T : IAsyncDisposable
    {
        var started = Task.Run(start).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => started.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return started;
    }
}

using HookGateway.Configuration;
using HookGateway.Storage.Redis;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using HookGateway.Testing.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace HookGateway.StorageTests.Redis;

/// <summary>A prefix of its own on a server, or a Cluster, that all tests share.</summary>
public sealed class RedisEngine : StoreEngine
{
    // They serve all classes at once, and end with the process.
    private static readonly Lazy<RedisServer> Server = new(() => UntilExit(() => RedisServer.StartAsync()));
    private static readonly Lazy<RedisCluster> Cluster = new(() => UntilExit(() => RedisCluster.StartAsync()));

    public RedisEngine(bool inCluster = false, params string[] keepBodiesOf)
    {
        Options = new RedisStoreOptions
        {
            Connection = inCluster ? Cluster.Value.Connection : Server.Value.Connection,
            Prefix = $"test-{Guid.NewGuid():N}",
            Durability = StorageDurability.Memory,
            LookAgain = Timeout.InfiniteTimeSpan,
            OwnClock = true,

            // The clock of these tests leaps by months: the default would be renewed millions of times meanwhile.
            Lease = TimeSpan.FromHours(12),
            KeepBodiesOf = keepBodiesOf,
        };
    }

    /// <summary>What the next store is opened with.</summary>
    internal RedisStoreOptions Options { get; set; }

    public override IEventStore Create(TimeProvider time) => new RedisEventStore(Options, time, NullLogger<RedisEventStore>.Instance);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static T UntilExit<T>(Func<Task<T>> start)
        where T : IAsyncDisposable
    {
        var started = Task.Run(start).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => started.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return started;
    }
}

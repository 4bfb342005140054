using HookGateway.Configuration;
using HookGateway.Storage.Redis;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using HookGateway.Testing.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace HookGateway.StorageTests.Redis;

/// <summary>A prefix of its own on a server that all tests share.</summary>
public sealed class RedisEngine : StoreEngine
{
    // It serves all classes at once, and ends with the process.
    private static readonly Lazy<RedisServer> Server = new(() =>
    {
        var server = Task.Run(() => RedisServer.StartAsync()).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return server;
    });

    public RedisEngine(params string[] keepBodiesOf)
    {
        Options = new RedisStoreOptions
        {
            Connection = Server.Value.Connection,
            Prefix = $"test-{Guid.NewGuid():N}",
            Durability = StorageDurability.Memory,
            LookAgain = Timeout.InfiniteTimeSpan,
            OwnClock = true,
            KeepBodiesOf = keepBodiesOf,
        };
    }

    /// <summary>What the next store is opened with.</summary>
    internal RedisStoreOptions Options { get; set; }

    public override IEventStore Create(TimeProvider time) => new RedisEventStore(Options, time, NullLogger<RedisEventStore>.Instance);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

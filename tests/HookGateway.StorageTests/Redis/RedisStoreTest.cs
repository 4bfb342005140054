using System.Collections.Concurrent;
using System.Text;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using HookGateway.Testing.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>The ground of what only Redis promises: a server of the test's own, and stores on it as of several gateways.</summary>
public abstract class RedisStoreTest : IAsyncLifetime
{
    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(10);

    private readonly List<RedisEventStore> _stores = [];

    protected RedisServer Server { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected RedisStoreOptions Options => new()
    {
        Connection = Server.Connection + RedisEngine.Patient,
        Durability = StorageDurability.Memory,
        LookAgain = Timeout.InfiniteTimeSpan,
        AcceptTimeout = Soon,
        CacheTimeout = Soon,
    };

    public virtual ValueTask InitializeAsync() => StartServerAsync();

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();

        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async ValueTask StartServerAsync(params string[] settings) => Server = await RedisServer.StartAsync(settings);

    private protected async Task<RedisEventStore> OpenAsync(RedisStoreOptions? options = null, TimeProvider? time = null)
    {
        var store = new RedisEventStore(options ?? Options, time ?? TimeProvider.System, NullLogger<RedisEventStore>.Instance);
        _stores.Add(store);
        await store.OpenAsync(Cancel);
        return store;
    }

    /// <summary>A client of the test's own.</summary>
    protected async Task<string> RunAsync(string command, params object[] arguments)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync($"{Server.Connection},allowAdmin=true{RedisEngine.Patient}");
        return (await client.GetDatabase().ExecuteAsync(command, arguments)).ToString();
    }

    protected static AcceptRequest Request(string id, bool lease = true, int bodySize = 20, string key = "k1") => new()
    {
        Event = new WebhookEvent
        {
            Source = "crm",
            Name = "deal.won",
            SourceId = id,
            Key = key,
            ReceivedAt = DateTimeOffset.UnixEpoch,
            Body = Encoding.ASCII.GetBytes(new string('x', bodySize)),
            Trace = default,
        },
        DedupeKey = DedupeKey.OfId("crm", id),
        DedupeWindow = TimeSpan.FromHours(1),
        Disposition = Disposition.Routed,
        Deliveries = [new OwedDelivery("jira", lease)],
    };

    protected static async Task<AcceptResult.Accepted> AcceptAsync(IEventStore store, AcceptRequest request)
    {
        var result = await store.AcceptAsync(request).AsTask().WaitAsync(Soon);
        return result as AcceptResult.Accepted ?? throw new InvalidOperationException($"Not accepted: {result}");
    }

    protected static async Task<IReadOnlyList<Delivery>> LeaseAsync(IEventStore store) =>
        (await store.LeaseAsync([new LeaseRequest("jira", 100, 1_000_000)], Cancel))[0].Deliveries;

    protected static async Task SettleAsync(IEventStore store, Delivery delivery, DeliveryState state)
    {
        var written = new TaskCompletionSource();
        store.Settle(new Settlement
        {
            Delivery = delivery,
            Attempt = new DeliveryAttempt { Number = 1, StartedAt = DateTimeOffset.UnixEpoch, Duration = default },
            State = state,
            Written = _ => written.TrySetResult(),
        });
        await written.Task.WaitAsync(Soon);
    }

    /// <summary>One event after the other, of ten keys, until it is told to stop; what is not accepted now is not sent again.</summary>
    protected static async Task SendAsync(IEventStore store, ConcurrentBag<EventId> acknowledged, CancellationToken stop, string name = "e")
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            if (await store.AcceptAsync(Request($"{name}{i}", key: $"k{i % 10}")) is AcceptResult.Accepted accepted)
                acknowledged.Add(accepted.Event.Id);
            else
                await Task.Delay(BetweenTries, TimeProvider.System, Cancel);
        }
    }
}

using System.Diagnostics;
using System.Text;
using HookGateway.Events;
using HookGateway.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>The ground of the suite: an open store, and short words for what the tests do with it.</summary>
public abstract class StoreConformance(StoreEngine engine) : IAsyncLifetime
{
    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    protected static readonly TimeSpan Window = TimeSpan.FromHours(24);

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The clock that a store is given. Default <see cref="Time"/>.</summary>
    protected virtual TimeProvider Machine => Time;

    protected IEventStore Store { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await engine.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task OpenAsync()
    {
        Store = engine.Create(Machine);
        await Store.OpenAsync(Cancel);
    }

    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        await OpenAsync();
    }

    protected AcceptRequest Request(
        string id = "e1", string source = "crm", string[]? to = null, bool lease = true, int bodySize = 20, TimeSpan? window = null,
        string? key = "k1", bool ordered = false)
    {
        var destinations = to ?? ["jira"];
        return new AcceptRequest
        {
            Event = new WebhookEvent
            {
                Source = source,
                Name = "deal.won",
                SourceId = id,
                Key = key,
                ReceivedAt = Time.GetUtcNow(),
                ContentType = "application/json",
                Body = Encoding.ASCII.GetBytes(new string('x', bodySize)),
                Trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: true),
            },
            DedupeKey = DedupeKey.OfId(source, id),
            DedupeWindow = window ?? Window,
            Disposition = destinations.Length > 0 ? Disposition.Routed : Disposition.Unrouted,
            Deliveries = [.. destinations.Select(d => new OwedDelivery(d, lease, ordered))],
        };
    }

    protected async Task<AcceptResult> TryAcceptAsync(AcceptRequest request) => await Store.AcceptAsync(request).AsTask().WaitAsync(Soon);

    protected async Task<AcceptResult.Accepted> AcceptAsync(AcceptRequest request)
    {
        var result = await TryAcceptAsync(request);
        Assert.True(result is AcceptResult.Accepted, $"Not accepted: {result}");
        return (AcceptResult.Accepted)result;
    }

    protected async Task<LeaseResult> LeaseAsync(string destination = "jira", int count = 100, long bytes = 1_000_000) =>
        (await Store.LeaseAsync([new LeaseRequest(destination, count, bytes)], Cancel).AsTask().WaitAsync(Soon))[0];

    protected async Task<StoredEvent> FindAsync(EventId id) => Assert.IsType<StoredEvent>(await Store.FindAsync(id, Cancel));

    protected async Task<StoredDelivery> FindDeliveryAsync(Delivery delivery) =>
        (await FindAsync(delivery.Event.Id)).Deliveries[delivery.Ordinal];

    protected async Task<PendingDeliveries> PendingAsync(string destination = "jira") =>
        (await Store.PendingAsync(Cancel)).Single(p => p.Destination == destination);

    protected DeliveryAttempt Attempt(int number, int? status = 200) => new()
    {
        Number = number,
        StartedAt = Time.GetUtcNow(),
        Duration = TimeSpan.FromMilliseconds(12),
        StatusCode = status,
        Error = status is null ? DeliveryError.Timeout : status < 300 ? DeliveryError.None : DeliveryError.Status,
        Detail = status is null ? "no answer in 10 s" : null,
    };

    /// <summary>Settles, and waits until it is written.</summary>
    protected async Task<Settled> SettleAsync(
        Delivery delivery, DeliveryState state, TimeSpan? dueIn = null, bool attempted = true, bool blocks = false)
    {
        var written = new TaskCompletionSource<Settled>(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.Settle(Settlement(delivery, state, dueIn, attempted) with { Blocks = blocks, Written = s => written.TrySetResult(s) });
        return await written.Task.WaitAsync(Soon);
    }

    protected Settlement Settlement(Delivery delivery, DeliveryState state, TimeSpan? dueIn = null, bool attempted = true) => new()
    {
        Delivery = delivery,
        Attempt = attempted ? Attempt(delivery.Attempts + 1, state == DeliveryState.Delivered ? 200 : 500) : null,
        State = state,
        DueAt = dueIn is { } wait ? Time.GetUtcNow() + wait : null,
    };

    protected static string[] SourceIds(IEnumerable<Delivery> deliveries) => [.. deliveries.Select(d => d.Event.SourceId!)];
}

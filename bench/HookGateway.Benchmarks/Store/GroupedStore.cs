using System.Diagnostics;
using System.Globalization;
using HookGateway.Benchmarks.Verify;
using HookGateway.Events;
using HookGateway.Storage.Sqlite;
using HookGateway.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace HookGateway.Benchmarks.Store;

/// <summary>
/// A real store on disk whose groups are as large as wanted: its writer is held back until the whole group waits. What holding
/// it allocates, some bytes for each of a group, is a part of what is measured.
/// </summary>
internal sealed class GroupedStore : IAsyncDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    private readonly string _directory = Directory.CreateTempSubdirectory("hookgateway-bench-").FullName;
    private readonly SqliteEventStore _store;
    private readonly SemaphoreSlim _held = new(0);
    private readonly SemaphoreSlim _released = new(0);
    private readonly List<Task<AcceptResult>> _answers = [];
    private readonly Action<Settled> _written;
    private readonly SemaphoreSlim _allWritten = new(0);
    private int _unwritten;
    private int _events;

    private GroupedStore()
    {
        _store = new SqliteEventStore(
            new SqliteStoreOptions { Path = Path.Combine(_directory, "store.db") }, TimeProvider.System, NullLogger<SqliteEventStore>.Instance);
        _written = _ =>
        {
            if (Interlocked.Decrement(ref _unwritten) == 0)
                _allWritten.Release();
        };
    }

    /// <summary>Opens an empty one in the temporary directory.</summary>
    public static async Task<GroupedStore> OpenAsync()
    {
        var store = new GroupedStore();
        await store._store.OpenAsync(CancellationToken.None);
        return store;
    }

    /// <summary>So many events that were never stored, each owed to one destination.</summary>
    public AcceptRequest[] Requests(int count) => [.. Enumerable.Range(0, count).Select(_ => Request(_events++))];

    /// <summary>Accepts all of them in one commit.</summary>
    public async Task<Delivery[]> AcceptAsync(ReadOnlyMemory<AcceptRequest> group)
    {
        var deliveries = new Delivery[group.Length];
        var holding = await HoldAsync();
        _answers.Clear();
        foreach (var request in group.Span)
            _answers.Add(_store.AcceptAsync(request).AsTask());
        _released.Release();
        await holding;
        for (var i = 0; i < deliveries.Length; i++)
            deliveries[i] = ((AcceptResult.Accepted)await _answers[i]).Leased[0];
        return deliveries;
    }

    /// <summary>That these deliveries were made at the first attempt.</summary>
    public Settlement[] Settlements(IEnumerable<Delivery> deliveries) => [.. deliveries.Select(delivery => new Settlement
    {
        Delivery = delivery,
        Attempt = new DeliveryAttempt
        {
            Number = 1,
            StartedAt = delivery.Event.ReceivedAt,
            Duration = TimeSpan.FromMilliseconds(1),
            StatusCode = 204,
        },
        State = DeliveryState.Delivered,
        Written = _written,
    })];

    /// <summary>Settles all of them; in one commit where they are 64 or more, for which the store does not wait for others.</summary>
    public async Task SettleAsync(ReadOnlyMemory<Settlement> group)
    {
        Volatile.Write(ref _unwritten, group.Length);
        var holding = await HoldAsync();
        foreach (var settlement in group.Span)
            _store.Settle(settlement);
        _released.Release();
        await holding;
        await _allWritten.WaitAsync();
    }

    // Its own task: it ends once the writer goes on.
    private async Task<Task> HoldAsync()
    {
        var holding = _store.OnWriterAsync(_ =>
        {
            _held.Release();
            _released.Wait();
            return true;
        });
        await _held.WaitAsync();
        return holding;
    }

    private static AcceptRequest Request(int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"event-{number}");
        return new AcceptRequest
        {
            Event = new WebhookEvent
            {
                Source = SampleRequest.Source.Name,
                Name = "sr.created",
                SourceId = id,
                Key = "148",
                ReceivedAt = TimeProvider.System.GetUtcNow(),
                ContentType = "application/json",
                Body = SampleRequest.Body,
                Trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: false),
            },
            DedupeKey = DedupeKey.OfId(SampleRequest.Source.Name, id),
            DedupeWindow = Window,
            Disposition = Disposition.Routed,
            Deliveries = [new OwedDelivery("tickets", Lease: true)],
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        foreach (var semaphore in (ReadOnlySpan<SemaphoreSlim>)[_held, _released, _allWritten])
            semaphore.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}

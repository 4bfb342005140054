using HookGateway.Events;
using HookGateway.Storage.Redis.Link;
using HookGateway.Storage.Redis.Reading;
using HookGateway.Storage.Redis.Writing;
using HookGateway.Store;
using Microsoft.Extensions.Logging;
using EventId = HookGateway.Events.EventId;

namespace HookGateway.Storage.Redis;

/// <summary>
/// The engine for many gateways: they share one Redis, and none of them is special. Each event is accepted by one script in one slot.
/// </summary>
public sealed class RedisEventStore : IEventStore
{
    private readonly RedisStoreOptions _options;
    private readonly ILogger _logger;
    private readonly RedisLink _link;
    private readonly PromiseWatch _promises;
    private readonly MemoryWatch _memory;
    private readonly HeldLeases _leases;
    private readonly Acceptor _acceptor;
    private readonly Leaser _leaser;
    private readonly Settler _settler;
    private readonly Replayer _replayer;
    private readonly CoalescedKeys _coalesced;
    private readonly NamedStates _states;
    private readonly EventReader _events;
    private readonly EventLister _lister;
    private readonly KeyedReader _keyed;
    private readonly PendingReader _pending;
    private readonly Retention _retention;
    private readonly BulkReplayReader _bulkReplays;
    private readonly BulkReplayWriter _bulkReplayer;
    private readonly Auditor _auditor;
    private bool _isClosed;

    /// <summary>A store that is not opened yet: see <see cref="OpenAsync"/>.</summary>
    public RedisEventStore(RedisStoreOptions options, TimeProvider time, ILogger<RedisEventStore> logger)
    {
        _options = options;
        _logger = logger;
        _link = new RedisLink(options, time, logger);
        _promises = new PromiseWatch(_link, options, logger);
        _memory = new MemoryWatch(_link, logger);
        _leases = new HeldLeases(_link, options, time, logger);
        _events = new EventReader(_link);
        _coalesced = new CoalescedKeys(_link, _events);
        _acceptor = new Acceptor(_link, _promises, _memory, _leases, _coalesced, options, time);
        _leaser = new Leaser(_link, _leases, options, time);
        _settler = new Settler(_link, _leases, options, time, logger);
        _replayer = new Replayer(_link);
        _states = new NamedStates(_link);
        SharedDestinations = new SharedDestinations(_link);
        _lister = new EventLister(_link);
        _keyed = new KeyedReader(_link);
        _pending = new PendingReader(_link, _leases);
        _retention = new Retention(_link, options);
        _bulkReplays = new BulkReplayReader(_link);
        _bulkReplayer = new BulkReplayWriter(_link, _memory, _bulkReplays);
        _auditor = new Auditor(_link, _bulkReplays);
    }

    /// <inheritdoc/>
    public bool IsWritable => _link.Writable.IsOpen;

    /// <inheritdoc/>
    public ISharedDestinations SharedDestinations { get; }

    /// <inheritdoc/>
    public StoreCondition Condition => _memory.IsShort
        ? _promises.Condition with { Warnings = [.. _promises.Condition.Warnings, MemoryWatch.Warning] }
        : _promises.Condition;

    /// <inheritdoc/>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _link.OpenAsync(_promises.StartAsync, cancellationToken).ConfigureAwait(false);
        _link.Reconnected = ReconnectedAsync;
        _link.ServerReturned = _promises.TryLookAsync;
        _acceptor.Start();
        _settler.Start();
        _leases.Start();
        _memory.Start();
        StoreLog.Opened(_logger, _options.Prefix, _link.Partitions.Count, _options.Durability);
    }

    /// <inheritdoc/>
    public ValueTask<AcceptResult> AcceptAsync(AcceptRequest request) => _acceptor.AcceptAsync(request);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LeaseResult>> LeaseAsync(
        IReadOnlyList<LeaseRequest> requests, CancellationToken cancellationToken) =>
        await _leaser.LeaseAsync(requests, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Settle(Settlement settlement) => _settler.Settle(settlement);

    /// <inheritdoc/>
    public Task WhenWritableAsync(CancellationToken cancellationToken) => _link.Writable.WhenOpenAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PendingDeliveries>> PendingAsync(CancellationToken cancellationToken) =>
        await _pending.ReadAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) =>
        await _events.FindAsync(id).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<EventPage> ListAsync(EventFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        return await _lister.ListAsync(filter, cursor, limit, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<KeyedEventPage> ReadKeyedAsync(
        string source, DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken cancellationToken) =>
        await _keyed.ReadAsync(source, from, until, cursor, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<ReplayResult> ReplayAsync(ReplayRequest request, CancellationToken cancellationToken) => _replayer.ReplayAsync(request);

    /// <inheritdoc/>
    public Task ReleaseBlockedAsync(IReadOnlyCollection<string> destinations, CancellationToken cancellationToken) =>
        _replayer.ReleaseBlockedAsync(destinations, cancellationToken);

    /// <inheritdoc/>
    public Task<BulkReplay> BeginBulkReplayAsync(BulkReplayRequest request, CancellationToken cancellationToken) =>
        _bulkReplayer.BeginAsync(request);

    /// <inheritdoc/>
    public async ValueTask<BulkReplay?> FindBulkReplayAsync(long id, CancellationToken cancellationToken) =>
        (await _bulkReplays.FindAsync(id).ConfigureAwait(false))?.Replay;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BulkReplay>> ListBulkReplaysAsync(CancellationToken cancellationToken) =>
        await _bulkReplays.ListAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<BulkReplayPage?> ReadBulkReplayAsync(long id, int limit, CancellationToken cancellationToken) =>
        await _bulkReplays.ReadAsync(id, limit).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<BulkReplay?> StepBulkReplayAsync(BulkReplayStep taken, CancellationToken cancellationToken) => _bulkReplayer.StepAsync(taken);

    /// <inheritdoc/>
    public Task<BulkReplay?> EndBulkReplayAsync(long id, string? failure, CancellationToken cancellationToken) =>
        _bulkReplayer.EndAsync(id, failure);

    /// <inheritdoc/>
    public async ValueTask<CoalescedKey?> FindCoalescedAsync(string source, string key, CancellationToken cancellationToken) =>
        await _coalesced.FindAsync(source, key).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<HeldKeys> ListHeldAsync(
        DateTimeOffset dueBy, int limit, IReadOnlyCollection<string> notOf, CancellationToken cancellationToken) =>
        await _coalesced.ListAsync(dueBy, limit, notOf).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<WebhookEvent?> ReleaseHeldAsync(CoalesceStep taken, CancellationToken cancellationToken) => _coalesced.ReleaseAsync(taken);

    /// <inheritdoc/>
    public Task SetPausedAsync(string destination, bool paused, CancellationToken cancellationToken) =>
        _states.SetPausedAsync(destination, paused);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PausedDestination>> PausedAsync(CancellationToken cancellationToken) =>
        await _states.PausedAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<NamedState?> FindStateAsync(string name, CancellationToken cancellationToken) =>
        await _states.FindAsync(name).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<long?> TrySetStateAsync(string name, long version, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, NamedState.MostBytes);
        return _states.TrySetAsync(name, version, value);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryLeadAsync(string name, string holder, TimeSpan ttl, CancellationToken cancellationToken) =>
        await _states.TryLeadAsync(name, holder, ttl).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<AuditReport> AuditAsync(CancellationToken cancellationToken) => _auditor.RunAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<long> RetainAsync(RetentionLimits limits, CancellationToken cancellationToken) => _retention.RunAsync(limits, cancellationToken);

    /// <summary>Writes the settlements that wait, gives back what is leased, and closes the connection. Once, however often it is called.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
            return;

        await _settler.DisposeAsync().ConfigureAwait(false);
        _leases.Dispose();
        _leaser.Dispose();
        _auditor.Dispose();
        await _promises.DisposeAsync().ConfigureAwait(false);
        await _memory.DisposeAsync().ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>What gateways share beside events, over the same connection and under the same prefix.</summary>
    internal SharedCache OpenCache() => new(_link, _options, _logger);

    // It may be another server.
    private async Task ReconnectedAsync()
    {
        await _promises.LookAgainAsync().ConfigureAwait(false);
        await _leases.RenewAllAsync().ConfigureAwait(false);
    }
}

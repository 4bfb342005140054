using System.Collections.Concurrent;
using System.Threading.Channels;
using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.UnitTests.Store;

/// <summary>A store that does as the test says, and tells what it was asked.</summary>
internal sealed class ScriptedStore : IEventStore
{
    private readonly Channel<RetentionLimits> _retained = Channel.CreateUnbounded<RetentionLimits>();
    private int _waitForWritable;
    private int _bulkSteps;

    /// <summary>What a lease gives; may throw.</summary>
    public Func<LeaseRequest, LeaseResult> OnLease { get; set; } = _ => new LeaseResult([], More: false, NextDue: null);

    /// <summary>What accepting gives.</summary>
    public Func<AcceptRequest, AcceptResult> OnAccept { get; set; } = _ => throw new NotSupportedException();

    /// <summary>What an audit gives; may throw.</summary>
    public Func<AuditReport> OnAudit { get; set; } = () => throw new NotSupportedException();

    /// <summary>Whether another lets this one lead. Default: yes.</summary>
    public Func<bool> OnLead { get; set; } = () => true;

    /// <summary>The bulk replays there are.</summary>
    public Func<IReadOnlyList<BulkReplay>> OnListBulkReplays { get; set; } = () => throw new NotSupportedException();

    /// <summary>What is stored of an event; may throw.</summary>
    public Func<EventId, StoredEvent?> OnFind { get; set; } = _ => throw new NotSupportedException();

    /// <summary>What is known of a key; may throw.</summary>
    public Func<string, CoalescedKey?> OnFindCoalesced { get; set; } = _ => throw new NotSupportedException();

    /// <summary>What is held and due by a time, but for some sources; may throw.</summary>
    public Func<DateTimeOffset, IReadOnlyCollection<string>, HeldKeys> OnListHeld { get; set; } = (_, _) => throw new NotSupportedException();

    /// <summary>What releasing gives; may throw.</summary>
    public Func<CoalesceStep, WebhookEvent?> OnReleaseHeld { get; set; } = _ => throw new NotSupportedException();

    /// <summary>What other gateways share with it. Default: it has none.</summary>
    public ISharedDestinations? SharedDestinations { get; init; }

    /// <summary>What retention throws, if anything.</summary>
    public StoreException? Failure { get; set; }

    /// <summary>The limits of each retention that was asked for.</summary>
    public ChannelReader<RetentionLimits> Retained => _retained.Reader;

    /// <summary>Settlements, as they were handed over; nothing is written.</summary>
    public ConcurrentQueue<Settlement> Settled { get; } = new();

    /// <summary>Completes when the store can write again. Default: it can.</summary>
    public Task Writable { get; set; } = Task.CompletedTask;

    /// <summary>How many wait for <see cref="Writable"/>.</summary>
    public int WaitForWritable => Volatile.Read(ref _waitForWritable);

    /// <summary>How many steps of bulk replays were asked for.</summary>
    public int BulkSteps => Volatile.Read(ref _bulkSteps);

    public bool IsWritable => Writable.IsCompleted;

    public ValueTask<IReadOnlyList<LeaseResult>> LeaseAsync(
        IReadOnlyList<LeaseRequest> requests, CancellationToken cancellationToken) => new([.. requests.Select(OnLease)]);

    public Task<long> RetainAsync(RetentionLimits limits, CancellationToken cancellationToken)
    {
        _retained.Writer.TryWrite(limits);
        return Failure is null ? Task.FromResult(0L) : Task.FromException<long>(Failure);
    }

    public Task OpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<AcceptResult> AcceptAsync(AcceptRequest request) => new(OnAccept(request));

    public void Settle(Settlement settlement) => Settled.Enqueue(settlement);

    public Task WhenWritableAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waitForWritable);
        return Writable.WaitAsync(cancellationToken);
    }

    public ValueTask<IReadOnlyList<PendingDeliveries>> PendingAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) => new(OnFind(id));

    public ValueTask<EventPage> ListAsync(EventFilter filter, string? cursor, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<KeyedEventPage> ReadKeyedAsync(
        string source, DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<NamedState?> FindStateAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long?> TrySetStateAsync(string name, long version, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<bool> TryLeadAsync(string name, string holder, TimeSpan ttl, CancellationToken cancellationToken) => new(OnLead());

    public Task<ReplayResult> ReplayAsync(ReplayRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<BulkReplay> BeginBulkReplayAsync(BulkReplayRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<BulkReplay?> FindBulkReplayAsync(long id, CancellationToken cancellationToken) =>
        new(OnListBulkReplays().SingleOrDefault(replay => replay.Id == id));

    public ValueTask<IReadOnlyList<BulkReplay>> ListBulkReplaysAsync(CancellationToken cancellationToken) => new(OnListBulkReplays());

    public ValueTask<BulkReplayPage?> ReadBulkReplayAsync(long id, int limit, CancellationToken cancellationToken) =>
        new(new BulkReplayPage(OnListBulkReplays().Single(replay => replay.Id == id), [], "0", "1"));

    public Task<BulkReplay?> StepBulkReplayAsync(BulkReplayStep taken, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _bulkSteps);
        return FindBulkReplayAsync(taken.Id, cancellationToken).AsTask();
    }

    public Task<BulkReplay?> EndBulkReplayAsync(long id, string? failure, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<CoalescedKey?> FindCoalescedAsync(string source, string key, CancellationToken cancellationToken) =>
        new(OnFindCoalesced(key));

    public ValueTask<HeldKeys> ListHeldAsync(
        DateTimeOffset dueBy, int limit, IReadOnlyCollection<string> notOf, CancellationToken cancellationToken) =>
        new(OnListHeld(dueBy, notOf));

    public Task<WebhookEvent?> ReleaseHeldAsync(CoalesceStep taken, CancellationToken cancellationToken) =>
        Task.Run(() => OnReleaseHeld(taken), CancellationToken.None);

    public Task ReleaseBlockedAsync(IReadOnlyCollection<string> destinations, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetPausedAsync(string destination, bool paused, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<PausedDestination>> PausedAsync(CancellationToken cancellationToken) => new([]);

    public Task<AuditReport> AuditAsync(CancellationToken cancellationToken) => Task.Run(OnAudit, CancellationToken.None);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

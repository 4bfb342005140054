using System.Threading.Channels;
using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.UnitTests.Store;

/// <summary>A store that does as the test says, and tells what it was asked.</summary>
internal sealed class ScriptedStore : IEventStore
{
    private readonly Channel<RetentionLimits> _retained = Channel.CreateUnbounded<RetentionLimits>();

    /// <summary>What a lease gives; may throw.</summary>
    public Func<LeaseRequest, LeaseResult> OnLease { get; set; } = _ => new LeaseResult([], More: false, NextDue: null);

    /// <summary>What retention throws, if anything.</summary>
    public StoreException? Failure { get; set; }

    /// <summary>The limits of each retention that was asked for.</summary>
    public ChannelReader<RetentionLimits> Retained => _retained.Reader;

    public bool IsWritable => true;

    public ValueTask<IReadOnlyList<LeaseResult>> LeaseAsync(
        IReadOnlyList<LeaseRequest> requests, CancellationToken cancellationToken) => new([.. requests.Select(OnLease)]);

    public Task<long> RetainAsync(RetentionLimits limits, CancellationToken cancellationToken)
    {
        _retained.Writer.TryWrite(limits);
        return Failure is null ? Task.FromResult(0L) : Task.FromException<long>(Failure);
    }

    public Task OpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<AcceptResult> AcceptAsync(AcceptRequest request) => throw new NotSupportedException();

    public void Settle(Settlement settlement) => throw new NotSupportedException();

    public Task WhenWritableAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<PendingDeliveries>> PendingAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<EventPage> ListAsync(EventFilter filter, string? cursor, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<ReplayResult> ReplayAsync(ReplayRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> ReplayDeadAsync(string destination, TraceContext trace, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task ReleaseBlockedAsync(IReadOnlyCollection<string> destinations, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetPausedAsync(string destination, bool paused, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<PausedDestination>> PausedAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<AuditReport> AuditAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

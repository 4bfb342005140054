using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Reading;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Storage.Sqlite.Writing;
using HookGateway.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using EventId = HookGateway.Events.EventId;

namespace HookGateway.Storage.Sqlite;

/// <summary>
/// The embedded engine: one SQLite file, held by one process. Events that arrive together share one commit, and one fsync.
/// </summary>
public sealed class SqliteEventStore : IEventStore
{
    private const int StepRows = 256;

    private readonly StoreMemory _memory = new();
    private readonly StoreFile _file;
    private readonly JournalSegments _journal;
    private readonly StoreWriter _writer;
    private readonly EventFinder _finder;
    private readonly EventLister _lister;
    private readonly BulkReplayReader _bulkReplays;
    private readonly CoalescedReader _coalesced;
    private readonly KeyedReader _keyed;
    private readonly Auditor _auditor;
    private readonly Retention _retention;
    private readonly SteadyTimeProvider _time;

    /// <summary>A store that is not opened yet: see <see cref="OpenAsync"/>.</summary>
    public SqliteEventStore(SqliteStoreOptions options, TimeProvider time, ILogger<SqliteEventStore> logger)
    {
        _file = new StoreFile(options.Path);
        _time = SteadyTimeProvider.Of(time);
        _journal = new JournalSegments(_file.Path);
        _writer = new StoreWriter(options, _file, _journal, _memory, _time, logger);
        _finder = new EventFinder(_file, _journal, _memory.Leases);
        _lister = new EventLister(_file);
        _bulkReplays = new BulkReplayReader(_file);
        _coalesced = new CoalescedReader(_file);
        _keyed = new KeyedReader(_file, _journal);
        _auditor = new Auditor(options, _file, _journal, _writer, _memory.Leases);
        _retention = new Retention(options, _file, new JournalRetention(_file, _journal, _writer), _writer, _memory, _time);
    }

    /// <inheritdoc/>
    public bool IsWritable => _writer.Writable.IsOpen;

    /// <inheritdoc/>
    public Task OpenAsync(CancellationToken cancellationToken) => BackgroundThread.RunAsync(_writer.Open, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<AcceptResult> AcceptAsync(AcceptRequest request) =>
        Math.Max(request.Deliveries.Count, request.Coalesce?.Release?.Destinations.Count ?? 0) <= DeliveryRow.MaxFanOut
            ? _writer.AcceptAsync(request)
            : new(new AcceptResult.Unavailable($"An event can go to {DeliveryRow.MaxFanOut} destinations at most."));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LeaseResult>> LeaseAsync(
        IReadOnlyList<LeaseRequest> requests, CancellationToken cancellationToken) =>
        await _writer.RunAsync(s => s.Due.Lease(requests, Now), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public void Settle(Settlement settlement) => _writer.Settle(settlement);

    /// <inheritdoc/>
    public Task WhenWritableAsync(CancellationToken cancellationToken) => _writer.Writable.WhenOpenAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PendingDeliveries>> PendingAsync(CancellationToken cancellationToken) =>
        await _writer.RunAsync(s => s.Due.Pending(s.Counts), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) =>
        await ReadAsync(() => Task.Run(() => _finder.Find(id), cancellationToken)).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<EventPage> ListAsync(EventFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        CheckLimit(limit);
        var before = Cursor.Read(cursor);
        return await ReadAsync(() => BackgroundThread.RunAsync(() => _lister.List(filter, before, limit), cancellationToken)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<KeyedEventPage> ReadKeyedAsync(
        string source, DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken cancellationToken)
    {
        long? at = cursor is null ? null : Cursor.Read(cursor);

        // What is not there is taken for never sent.
        await _writer.CommitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return await ReadCommittedAsync(() => BackgroundThread.RunAsync(() => _keyed.Read(source, from, until, at), cancellationToken)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<ReplayResult> ReplayAsync(ReplayRequest request, CancellationToken cancellationToken) => _writer.RunAsync(
        s => s.InTransaction(() => s.Replays.Replay(request, Now), keep: result => result is ReplayResult.Replayed), cancellationToken);

    /// <inheritdoc/>
    public Task<BulkReplay> BeginBulkReplayAsync(BulkReplayRequest request, CancellationToken cancellationToken) => _writer.RunAsync(
        s => BulkReplayRow.Find(s.Connection, s.InTransaction(() => s.BulkReplays.Begin(request, s.NextSeq - 1, Now)))!.Replay, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<BulkReplay?> FindBulkReplayAsync(long id, CancellationToken cancellationToken) =>
        await ReadAsync(() => Task.Run(() => _bulkReplays.Find(id), cancellationToken)).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BulkReplay>> ListBulkReplaysAsync(CancellationToken cancellationToken) =>
        await ReadAsync(() => Task.Run(_bulkReplays.List, cancellationToken)).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<BulkReplayPage?> ReadBulkReplayAsync(long id, int limit, CancellationToken cancellationToken)
    {
        CheckLimit(limit);
        return await ReadAsync(() => BackgroundThread.RunAsync(() => _bulkReplays.Read(id, limit), cancellationToken)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<BulkReplay?> StepBulkReplayAsync(BulkReplayStep taken, CancellationToken cancellationToken) =>
        ChangeBulkReplayAsync(taken.Id, s => s.BulkReplays.Step(taken, Now), cancellationToken);

    /// <inheritdoc/>
    public Task<BulkReplay?> EndBulkReplayAsync(long id, string? failure, CancellationToken cancellationToken) =>
        ChangeBulkReplayAsync(id, s => s.BulkReplays.End(id, failure, Now), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<CoalescedKey?> FindCoalescedAsync(string source, string key, CancellationToken cancellationToken) =>
        await ReadCommittedAsync(() => Task.Run(() => _coalesced.Find(source, key), cancellationToken)).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<HeldKeys> ListHeldAsync(
        DateTimeOffset dueBy, int limit, IReadOnlyCollection<string> notOf, CancellationToken cancellationToken)
    {
        CheckLimit(limit);
        return await ReadCommittedAsync(() => BackgroundThread.RunAsync(() => _coalesced.List(dueBy, limit, notOf), cancellationToken)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<WebhookEvent?> ReleaseHeldAsync(CoalesceStep taken, CancellationToken cancellationToken) => _writer.RunAsync(
        s => s.InTransaction(() => Release(s, taken), keep: released => released is not null), cancellationToken);

    /// <inheritdoc/>
    public async Task ReleaseBlockedAsync(IReadOnlyCollection<string> destinations, CancellationToken cancellationToken)
    {
        foreach (var destination in destinations)
        {
            for (long? after = 0; after is { } from;)
            {
                after = await _writer.RunAsync(s => Release(s, destination, from), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public Task SetPausedAsync(string destination, bool paused, CancellationToken cancellationToken) => _writer.RunAsync(
        s => s.InTransaction(() =>
        {
            s.Pauses.Set(destination, paused, Now);
            return true;
        }),
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PausedDestination>> PausedAsync(CancellationToken cancellationToken) =>
        await _writer.RunAsync(s => s.Pauses.All(), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<NamedState?> FindStateAsync(string name, CancellationToken cancellationToken) =>
        await _writer.RunAsync(s => s.States.Find(name), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<long?> TrySetStateAsync(string name, long version, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, NamedState.MostBytes);
        return _writer.RunAsync(
            s => s.InTransaction(() => s.States.TrySet(name, version, value.Span), keep: after => after is not null), cancellationToken);
    }

    /// <summary>This process alone has the file open.</summary>
    public ValueTask<bool> TryLeadAsync(string name, string holder, TimeSpan ttl, CancellationToken cancellationToken) => new(true);

    /// <inheritdoc/>
    public Task<AuditReport> AuditAsync(CancellationToken cancellationToken) =>
        ReadAsync(() => _auditor.RunAsync(cancellationToken));

    /// <inheritdoc/>
    public Task<long> RetainAsync(RetentionLimits limits, CancellationToken cancellationToken) =>
        ReadAsync(() => _retention.RunAsync(limits, cancellationToken));

    /// <summary>Stores what was taken already, writes the settlements that wait, and closes the file.</summary>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    /// <summary>For tests: something on the writer's connection, between two groups.</summary>
    internal Task<T> OnWriterAsync<T>(Func<SqliteConnection, T> work) =>
        _writer.RunAsync(s => work(s.Connection), CancellationToken.None);

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
    }

    private Task<BulkReplay?> ChangeBulkReplayAsync(long id, Action<StoreSession> change, CancellationToken cancellationToken) =>
        _writer.RunAsync(
            s =>
            {
                s.InTransaction(() =>
                {
                    change(s);
                    return true;
                });

                // What its commit counted is in the row only now.
                return BulkReplayRow.Find(s.Connection, id)?.Replay;
            },
            cancellationToken);

    private long? Release(StoreSession session, string destination, long after) =>
        session.Names.TryFind(NameKind.Destination, destination, out var id) && session.Counts.All.GetValueOrDefault(id).Blocked > 0
            ? session.InTransaction(() => session.Order.Release(id, after, StepRows, Now))
            : null;

    private WebhookEvent? Release(StoreSession session, CoalesceStep step)
    {
        if (session.Coalesced.Begin(step) is not { } commit)
            return null;

        var released = session.Coalesced.Release(session, commit, Now);
        session.Coalesced.End(commit, accepted: null, session.NextSeq);
        return released;
    }

    private async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        await _writer.CatchUpAsync().ConfigureAwait(false);
        return await ReadCommittedAsync(read).ConfigureAwait(false);
    }

    /// <summary>Reads what no group of the journal changes: it is committed before anybody is told of it.</summary>
    private async Task<T> ReadCommittedAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (SqliteException e)
        {
            throw StoreFile.IsDamage(e) ? _file.Explain(e) : new StoreException($"The store cannot be read now: {e.Message}", e);
        }
    }
}

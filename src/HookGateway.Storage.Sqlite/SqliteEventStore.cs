using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
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
    private readonly StoreMemory _memory = new();
    private readonly StoreWriter _writer;
    private readonly EventFinder _finder;
    private readonly Retention _retention;
    private readonly TimeProvider _time;

    /// <summary>A store that is not opened yet: see <see cref="OpenAsync"/>.</summary>
    public SqliteEventStore(SqliteStoreOptions options, TimeProvider time, ILogger<SqliteEventStore> logger)
    {
        var file = new StoreFile(options.Path);
        _time = time;
        _writer = new StoreWriter(options, file, _memory, time, logger);
        _finder = new EventFinder(file, _memory.Leases);
        _retention = new Retention(file, _writer, _memory, time);
    }

    /// <inheritdoc/>
    public bool IsWritable => _writer.Writable.IsOpen;

    /// <inheritdoc/>
    public Task OpenAsync(CancellationToken cancellationToken) => Task.Run(_writer.Open, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<AcceptResult> AcceptAsync(AcceptRequest request) =>
        request.Deliveries.Count <= DeliveryRow.MaxFanOut
            ? _writer.AcceptAsync(request)
            : new(new AcceptResult.Unavailable($"An event can go to {DeliveryRow.MaxFanOut} destinations at most."));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LeaseResult>> LeaseAsync(
        IReadOnlyList<LeaseRequest> requests, CancellationToken cancellationToken) =>
        await _writer.RunAsync(s => s.Due.Lease(requests, _time.GetUtcNow().ToUnixTimeMilliseconds()), cancellationToken)
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
    public Task<long> RetainAsync(RetentionLimits limits, CancellationToken cancellationToken) =>
        ReadAsync(() => _retention.RunAsync(limits, cancellationToken));

    /// <summary>Stores what was taken already, writes the settlements that wait, and closes the file.</summary>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    /// <summary>For tests: something on the writer's connection, between two groups.</summary>
    internal Task<T> OnWriterAsync<T>(Func<SqliteConnection, T> work) =>
        _writer.RunAsync(s => work(s.Connection), CancellationToken.None);

    private static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (SqliteException e)
        {
            throw new StoreException($"The store cannot be read now: {e.Message}", e);
        }
    }
}

using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// The one thread that writes. It takes everything that waits into one group, syncs it, and only then tells anyone: the more
/// waits, the more events share one sync.
/// </summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan ClockNoise = TimeSpan.FromSeconds(1);

    private readonly SqliteStoreOptions _options;
    private readonly SteadyTimeProvider _time;
    private readonly ILogger _logger;
    private readonly StoreFile _file;
    private readonly StoreMemory _memory;
    private readonly SessionKeeper _session;
    private readonly BatchWriter _writer;
    private readonly WriterQueue _queue = new();
    private readonly WriterWatch _watch;
    private readonly WriterBatch _batch = new();
    private readonly Thread _thread;
    private StoreLock? _lock;
    private ITimer? _timer;
    private bool _isSetBack;
    private Task? _closed;

    public StoreWriter(SqliteStoreOptions options, StoreFile file, JournalSegments segments, StoreMemory memory, SteadyTimeProvider time, ILogger logger)
    {
        (_options, _file, _memory, _time, _logger) = (options, file, memory, time, logger);
        _session = new SessionKeeper(options, file, segments, memory, time, work => RunAsync(work, CancellationToken.None), logger);
        _watch = new WriterWatch(time, options.AcceptTimeout, _queue, elapsed => StoreLog.Stuck(logger, file.Path, elapsed));
        _writer = new BatchWriter(options, file, memory, _session, _watch, time, logger);
        _thread = new Thread(Loop) { IsBackground = true, Name = "hookgateway-store" };
    }

    public WritableGate Writable => _writer.Writable;

    /// <summary>Opens the file and starts the thread.</summary>
    /// <exception cref="StoreException">It cannot be opened.</exception>
    public void Open()
    {
        _lock = StoreLock.Take(_file.Path);
        try
        {
            OpenSession();
        }
        catch
        {
            _memory.Dedupe.Dispose();
            _lock.Dispose();
            throw;
        }

        // The file may have been written under a clock that has been set back since.
        _time.NotBefore(DateTimeOffset.FromUnixTimeMilliseconds(EventIdSequence.MillisecondsOf(_memory.Ids.Last)));
        StoreLog.Opened(_logger, _file.Path, StoreSchema.Migrations.Count, _memory.Epoch, _memory.Dedupe.Count);
        Writable.Open();
        _thread.Start();
        _timer = _time.CreateTimer(_ => OnTick(), null, Tick, Tick);
    }

    private void OpenSession()
    {
        try
        {
            _session.Open();
        }
        catch (SqliteException e)
        {
            throw _file.Explain(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The journal of {_file.Path} cannot be opened: {e.Message}", e);
        }
    }

    /// <returns>The outcome, once it is known.</returns>
    public ValueTask<AcceptResult> AcceptAsync(AcceptRequest request)
    {
        var accept = new PendingAccept(request, _time.GetTimestamp());
        return _queue.Add(accept) is { } refusal
            ? new ValueTask<AcceptResult>(new AcceptResult.Unavailable(refusal))
            : new ValueTask<AcceptResult>(accept.Task);
    }

    public void Settle(Settlement settlement) => _queue.Add(settlement);

    /// <summary>Does something on the writer's thread, between two groups.</summary>
    /// <exception cref="StoreException">The store cannot do it now.</exception>
    public Task<T> RunAsync<T>(Func<StoreSession, T> work, CancellationToken cancellationToken)
    {
        var job = new WriterJob<T>(work, cancellationToken);
        if (!_queue.Add(job))
        {
            job.Fail(new StoreException("The store is closed."));
            job.Tell();
        }

        return job.Task;
    }

    /// <summary>
    /// Has everything that was acknowledged so far be in the database file, for those who read it on another connection. Where the
    /// disk does not let it for as long as an event may wait, they read what is there.
    /// </summary>
    public async Task CatchUpAsync()
    {
        try
        {
            await CommitAsync().WaitAsync(_options.AcceptTimeout).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
        }
    }

    /// <summary>The same, however long the disk takes.</summary>
    /// <exception cref="StoreException">It cannot be written now.</exception>
    public Task CommitAsync() => _writer.IsUncommitted
        ? RunAsync(
            static session =>
            {
                session.Groups.Commit();
                return true;
            },
            CancellationToken.None)
        : Task.CompletedTask;

    /// <summary>Writes what waits, empties the log and closes the file; a disk that hangs is not waited for without end.</summary>
    public ValueTask DisposeAsync() => new(_timer is null ? Task.CompletedTask : _closed ??= CloseAsync());

    private async Task CloseAsync()
    {
        _queue.Close("The gateway is shutting down.");
        try
        {
            await BackgroundThread.RunAsync(_thread.Join, CancellationToken.None)
                .WaitAsync(_options.CloseTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The lock stays until the process has ended: the thread may write yet.
            StoreLog.NotClosed(_logger, _file.Path, _options.CloseTimeout);
            return;
        }

        await _timer!.DisposeAsync().ConfigureAwait(false);
        _lock?.Dispose();
    }

    private void OnTick()
    {
        _watch.Check();
        WatchClock();
        if (!Writable.IsOpen)
            _queue.Wake();
    }

    private void WatchClock()
    {
        var ahead = _time.Ahead;
        var isSetBack = ahead > ClockNoise;
        if (isSetBack && !_isSetBack)
            StoreLog.ClockSetBack(_logger, ahead);

        _isSetBack = isSetBack;
    }

    private void Loop()
    {
        while (_queue.Take(_batch, _session.Current?.Groups.CommitAt))
            _writer.Write(_batch);

        if (_batch.Settlements.Count > 0)
            StoreLog.SettlementsLost(_logger, _file.Path, _batch.Settlements.Count);

        _session.Dispose();

        // Here, for this thread alone looks into it: one that hangs may do so yet when the store is given up.
        _memory.Dedupe.Dispose();
    }
}

using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// The one thread that writes. It takes everything that waits into one transaction, commits, and only then tells anyone: the
/// more waits, the more events share one fsync.
/// </summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly SqliteStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StoreFile _file;
    private readonly StoreMemory _memory;
    private readonly GroupCommit _group;
    private readonly WriterQueue _queue = new();
    private readonly WriterWatch _watch;
    private readonly WriterBatch _batch = new();
    private readonly Thread _thread;
    private StoreLock? _lock;
    private ITimer? _timer;
    private StoreSession? _session;
    private Checkpointer? _checkpointer;

    public StoreWriter(SqliteStoreOptions options, StoreFile file, StoreMemory memory, TimeProvider time, ILogger logger)
    {
        (_options, _file, _memory, _time, _logger) = (options, file, memory, time, logger);
        _group = new GroupCommit(options, memory);
        _watch = new WriterWatch(time, options.AcceptTimeout, _queue, elapsed => StoreLog.Stuck(logger, file.Path, elapsed));
        _thread = new Thread(Loop) { IsBackground = true, Name = "hookgateway-store" };
    }

    public WritableGate Writable { get; } = new();

    /// <summary>Opens the file and starts the thread.</summary>
    /// <exception cref="StoreException">It cannot be opened.</exception>
    public void Open()
    {
        _lock = StoreLock.Take(_file.Path);
        try
        {
            _session = OpenSession();
        }
        catch (Exception e)
        {
            _lock.Dispose();
            throw e is SqliteException error ? _file.Explain(error) : e;
        }

        StoreLog.Opened(_logger, _file.Path, StoreSchema.Migrations.Count, _memory.Epoch, _memory.Dedupe.Count);
        Writable.Open();
        _thread.Start();
        _timer = _time.CreateTimer(_ => OnTick(), null, Tick, Tick);
    }

    /// <returns>The outcome, once it is known.</returns>
    public ValueTask<AcceptResult> AcceptAsync(AcceptRequest request)
    {
        var accept = new PendingAccept(request, _time.GetTimestamp());
        if (_queue.Add(accept) is { } refusal)
            accept.Refuse(refusal);

        return new ValueTask<AcceptResult>(accept.Task);
    }

    public void Settle(Settlement settlement) => _queue.Add(settlement);

    /// <summary>Does something on the writer's thread, between two groups.</summary>
    /// <exception cref="StoreException">The store cannot do it now.</exception>
    public Task<T> RunAsync<T>(Func<StoreSession, T> work, CancellationToken cancellationToken)
    {
        var job = new WriterJob<T>(work, cancellationToken);
        if (!_queue.Add(job))
            job.Fail(new StoreException("The store is closed."));

        return job.Task;
    }

    /// <summary>Writes what waits, empties the log and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_timer is null)
            return;

        _queue.Close("The gateway is shutting down.");
        await Task.Factory.StartNew(_thread.Join, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _lock?.Dispose();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private void OnTick()
    {
        _watch.Check();
        if (!Writable.IsOpen)
            _queue.Wake();
    }

    private void Loop()
    {
        while (_queue.Take(_batch))
        {
            _watch.Begin();
            Write();
            RunJobs();
            _watch.End();
        }

        if (_batch.Settlements.Count > 0)
            StoreLog.SettlementsLost(_logger, _file.Path, _batch.Settlements.Count);

        CloseSession(emptyLog: true);
    }

    private void Write()
    {
        RefuseLate();
        AnswerDuplicates();
        var accepts = _batch.Accepts;
        var written = true;

        // While writing fails, settlements go first and alone: they need less room than events, and lanes wait for them.
        if (_batch.SettlementsDue && !Writable.IsOpen && (_batch.Settlements.Count > 0 || accepts.Count == 0))
            written = TryCommit([]);

        if (accepts.Count > 0 || (_batch.SettlementsDue && _batch.Settlements.Count > 0 && written))
            written &= TryCommit(accepts);

        accepts.Clear();
        if (written && _batch.SettlementsDue && Writable.Open())
            StoreLog.Writable(_logger, _file.Path);
    }

    private bool TryCommit(List<PendingAccept> accepts)
    {
        try
        {
            _session ??= OpenSession();
            StoreMetrics.Measure(_time, accepts.Count, () => _group.Run(_session, accepts, _batch.Settlements, Now));
        }
        catch (Exception e)
        {
            Fail(e, accepts);
            return false;
        }

        Tell(accepts);
        WatchLog();
        return true;
    }

    /// <summary>Nothing of a group that failed is known to be stored: everyone is told so, and settlements are tried again.</summary>
    private void Fail(Exception error, List<PendingAccept> accepts)
    {
        if (Writable.Close())
            StoreLog.Unwritable(_logger, error, _file.Path);
        else
            StoreLog.StillUnwritable(_logger, error, _file.Path);

        if (_session is not null && (!TryUndo(accepts) || (error is SqliteException e && StoreFile.NeedsReopening(e))))
            CloseSession(emptyLog: false);

        foreach (var accept in accepts)
            accept.Refuse(error.Message);
    }

    private bool TryUndo(List<PendingAccept> accepts)
    {
        try
        {
            _group.Undo(_session!, accepts);
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private void Tell(List<PendingAccept> accepts)
    {
        foreach (var accept in accepts)
            accept.TrySetResult(accept.Outcome!);

        foreach (var settlement in _batch.Settlements)
            settlement.Written?.Invoke(settlement);

        _batch.Settlements.Clear();
    }

    private void WatchLog()
    {
        try
        {
            _checkpointer!.AfterCommit();
        }
        catch (SqliteException e)
        {
            StoreLog.CheckpointFailed(_logger, e, _file.Path);
            CloseIfDoubtful(e);
        }
    }

    private void RunJobs()
    {
        foreach (var job in _batch.Jobs)
        {
            try
            {
                _session ??= OpenSession();
            }
            catch (Exception e) when (e is SqliteException or StoreException)
            {
                job.Fail(new StoreException($"The store cannot be opened now: {e.Message}", e));
                continue;
            }

            try
            {
                job.Run(_session);
            }
            catch (SqliteException e)
            {
                CloseIfDoubtful(e);
            }
        }

        _batch.Jobs.Clear();
    }

    /// <summary>Events that waited for longer than their sender does are not stored: it will send them again.</summary>
    private void RefuseLate() => _batch.Accepts.RemoveAll(accept =>
    {
        var late = _time.GetElapsedTime(accept.EnqueuedAt) > _options.AcceptTimeout;
        if (late)
            accept.Refuse("The event waited too long to be stored.");

        return late;
    });

    /// <summary>Duplicates of what is stored already need no commit. Before a group, every mark in memory is durable.</summary>
    private void AnswerDuplicates()
    {
        var now = Now;
        _batch.Accepts.RemoveAll(accept =>
            _memory.Dedupe.TryFind(accept.Request.DedupeKey, now, out var first)
            && accept.TrySetResult(new AcceptResult.Duplicate(first)));
    }

    private StoreSession OpenSession()
    {
        var session = StoreSession.Open(_file, _memory, Now);
        _checkpointer = new Checkpointer(
            _file, session.Connection, _options, () => RunAsync(FinishCheckpoint, CancellationToken.None), _logger);
        return session;

        bool FinishCheckpoint(StoreSession current)
        {
            _checkpointer!.Finish();
            return true;
        }
    }

    private void CloseIfDoubtful(SqliteException error)
    {
        if (StoreFile.NeedsReopening(error))
            CloseSession(emptyLog: false);
    }

    private void CloseSession(bool emptyLog)
    {
        if (_session is null)
            return;

        _checkpointer!.Dispose();
        _file.CloseReaders();
        try
        {
            if (emptyLog)
                Checkpointer.Truncate(_session.Connection);
        }
        catch (SqliteException e)
        {
            StoreLog.CheckpointFailed(_logger, e, _file.Path);
        }

        _session.Dispose();
        _session = null;
    }
}

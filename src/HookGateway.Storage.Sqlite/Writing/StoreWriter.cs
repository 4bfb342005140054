using System.Diagnostics;
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

    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromSeconds(1);

    private readonly SqliteStoreOptions _options;
    private readonly SteadyTimeProvider _time;
    private readonly ILogger _logger;
    private readonly StoreFile _file;
    private readonly StoreMemory _memory;
    private readonly GroupCommit _group;
    private readonly CoalesceGroup _coalesceGroup;
    private readonly List<PendingAccept> _coalesced = [];
    private readonly SessionKeeper _session;
    private readonly WriterQueue _queue = new();
    private readonly WriterWatch _watch;
    private readonly WriterBatch _batch = new();
    private readonly Thread _thread;
    private StoreLock? _lock;
    private ITimer? _timer;
    private bool _isSetBack;
    private volatile bool _isUncommitted;
    private Task? _closed;

    public StoreWriter(SqliteStoreOptions options, StoreFile file, JournalSegments segments, StoreMemory memory, SteadyTimeProvider time, ILogger logger)
    {
        (_options, _file, _memory, _time, _logger) = (options, file, memory, time, logger);
        _group = new GroupCommit(options, memory);
        _coalesceGroup = new CoalesceGroup(options, memory);
        _session = new SessionKeeper(options, file, segments, memory, time, work => RunAsync(work, CancellationToken.None), logger);
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
            _session.Open();
        }
        catch (SqliteException e)
        {
            _lock.Dispose();
            throw _file.Explain(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _lock.Dispose();
            throw new StoreException($"The journal of {_file.Path} cannot be opened: {e.Message}", e);
        }
        catch
        {
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
        {
            job.Fail(new StoreException("The store is closed."));
            job.Tell();
        }

        return job.Task;
    }

    /// <summary>
    /// Has everything that was acknowledged so far be in the database file, for those who read it on another connection. Where the
    /// disk does not let it within a second, they read what is there.
    /// </summary>
    public async Task CatchUpAsync()
    {
        if (!_isUncommitted)
            return;

        try
        {
            await RunAsync(static session =>
            {
                session.CommitGroups();
                return true;
            }, CancellationToken.None)
                .WaitAsync(CatchUpLimit).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
        }
    }

    /// <summary>Writes what waits, empties the log and closes the file; a disk that hangs is not waited for without end.</summary>
    public ValueTask DisposeAsync() => new(_timer is null ? Task.CompletedTask : _closed ??= CloseAsync());

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task CloseAsync()
    {
        _queue.Close("The gateway is shutting down.");
        try
        {
            await Task.Factory.StartNew(_thread.Join, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
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
        while (_queue.Take(_batch, _session.Current?.CommitAt))
        {
            Write();
            RunJobs();
            CommitGroups();
        }

        if (_batch.Settlements.Count > 0)
            StoreLog.SettlementsLost(_logger, _file.Path, _batch.Settlements.Count);

        _session.Dispose();
    }

    private void Write()
    {
        RefuseLate();
        AnswerDuplicates();
        var accepts = _batch.Accepts;
        SetCoalescedApart();

        // While writing fails, settlements go first and alone: they need less room than events, and lanes wait for them.
        // Where nothing waits, an empty commit tells whether writing works again.
        var anySettlements = _batch.Settlements.Count > 0;
        var alone = Writable.IsOpen ? anySettlements && accepts.Count == 0 : anySettlements || accepts.Count == 0;
        if (_batch.SettlementsDue && alone)
            Commit([]);

        if (accepts.Count > 0)
            Commit(accepts);

        accepts.Clear();
        CommitCoalesced();
    }

    private void SetCoalescedApart()
    {
        foreach (var accept in _batch.Accepts)
        {
            if (accept.Request.Coalesce is not null)
                _coalesced.Add(accept);
        }

        if (_coalesced.Count > 0)
            _batch.Accepts.RemoveAll(static accept => accept.Request.Coalesce is not null);
    }

    private void CommitCoalesced()
    {
        if (_coalesced.Count == 0)
            return;

        _watch.Begin();
        try
        {
            var session = _session.Open();
            StoreMetrics.Measure(_time, _coalesced.Count, () => _coalesceGroup.Run(session, _coalesced, Now));
            _session.WatchLog();
            _watch.End();
            if (Writable.Open())
                StoreLog.Writable(_logger, _file.Path);

            foreach (var accept in _coalesced)
                accept.TrySetResult(accept.Outcome!);
        }
        catch (Exception e)
        {
            NotWritable(e);
            _coalesceGroup.Undo(_coalesced);
            _session.CloseIfDoubtful(e);
            _watch.End();
            foreach (var accept in _coalesced)
                accept.Refuse(e.Message);
        }

        _coalesced.Clear();
    }

    private void Commit(List<PendingAccept> accepts)
    {
        _watch.Begin();
        try
        {
            var session = _session.Open();
            StoreMetrics.Measure(_time, accepts.Count, () => _group.Run(session, accepts, _batch.Settlements, Now));
        }
        catch (Exception e)
        {
            Fail(e, accepts);
            return;
        }

        _isUncommitted = true;
        _watch.End();
        if (Writable.Open())
            StoreLog.Writable(_logger, _file.Path);

        Tell(accepts);
    }

    /// <summary>Commits what groups have left in the open transaction, if it is time. Nobody waits for it: the journal has it.</summary>
    private void CommitGroups()
    {
        // Where none is open, a job has committed it: the log has grown all the same.
        if (!_isUncommitted || _session.Current is not { } session || session.CommitAt > Stopwatch.GetTimestamp())
            return;

        _watch.BeginUnasked();
        try
        {
            session.CommitGroups();
            _isUncommitted = false;
            _session.WatchLog();
        }
        catch (SqliteException e)
        {
            NotWritable(e);
            _session.CloseIfDoubtful(e);
        }

        _watch.End();
    }

    /// <summary>Nothing of a group that failed is known to be stored: everyone is told so, and settlements are tried again.</summary>
    private void Fail(Exception error, List<PendingAccept> accepts)
    {
        NotWritable(error);
        if (_session.Current is { } session)
        {
            _group.Undo(session);

            // What is in the journal is stored: opening the file anew does it there as well.
            if (_group.IsWritten)
                _session.Close(emptyLog: false);
            else
                _session.CloseIfDoubtful(error);
        }

        _watch.End();
        foreach (var accept in accepts)
            accept.Refuse(error.Message);
    }

    private void NotWritable(Exception error)
    {
        if (Writable.Close())
            StoreLog.Unwritable(_logger, error, _file.Path);
        else
            StoreLog.StillUnwritable(_logger, error, _file.Path);
    }

    private void Tell(List<PendingAccept> accepts)
    {
        foreach (var accept in accepts)
            accept.TrySetResult(accept.Outcome!);

        for (var i = 0; i < _batch.Settlements.Count; i++)
        {
            var settlement = _batch.Settlements[i];
            settlement.Written?.Invoke(new Settled(settlement, _group.FreedNext[i]));
        }

        _batch.Settlements.Clear();
    }

    private void RunJobs()
    {
        foreach (var job in _batch.Jobs)
        {
            _watch.Begin();
            Run(job);
            _watch.End();
            job.Tell();
        }

        _batch.Jobs.Clear();
    }

    private void Run(WriterJob job)
    {
        try
        {
            var session = _session.Open();
            session.FlushGroups();
            job.Run(session);
        }
        catch (Exception e)
        {
            job.Fail(new StoreException($"The store cannot be opened now: {e.Message}", e));
            _session.CloseIfDoubtful(e);
        }
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
}

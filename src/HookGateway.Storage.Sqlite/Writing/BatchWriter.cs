using System.Runtime.InteropServices;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// Does what the writer took from its queue: events and settlements in one group, events of coalescing sources in a transaction,
/// then the jobs; and tells everyone what came of it. Writer thread only, but for what is said.
/// </summary>
internal sealed class BatchWriter(
    SqliteStoreOptions options, StoreFile file, StoreMemory memory, SessionKeeper session, WriterWatch watch, TimeProvider time, ILogger logger)
{
    private readonly GroupCommit _group = new(options, memory);
    private readonly CoalesceGroup _coalesceGroup = new(options, memory);
    private readonly List<PendingAccept> _answered = [];
    private readonly List<PendingAccept> _coalesced = [];
    private volatile bool _isUncommitted;

    /// <summary>Whether writing worked when it was last tried. Any thread.</summary>
    public WritableGate Writable { get; } = new();

    /// <summary>Whether something was acknowledged that is not in the database file yet. Any thread.</summary>
    public bool IsUncommitted => _isUncommitted;

    /// <summary>Does all of it. Settlements that could not be written stay in the batch.</summary>
    public void Write(WriterBatch batch)
    {
        AnswerWithoutCommit(batch.Accepts);
        SetCoalescedApart(batch.Accepts);
        WriteGroups(batch);
        WriteCoalesced();
        RunJobs(batch.Jobs);
        CommitGroups();
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private void WriteGroups(WriterBatch batch)
    {
        // While writing fails, settlements go first and alone: they need less room than events, and lanes wait for them.
        // Where nothing waits, an empty commit tells whether writing works again.
        var accepts = batch.Accepts;
        var anySettlements = batch.Settlements.Count > 0;
        var alone = Writable.IsOpen ? anySettlements && accepts.Count == 0 : anySettlements || accepts.Count == 0;
        if (batch.SettlementsDue && alone)
            WriteGroup([], batch.Settlements);

        if (accepts.Count > 0)
            WriteGroup(accepts, batch.Settlements);

        accepts.Clear();
    }

    private void WriteGroup(List<PendingAccept> accepts, List<Settlement> settlements)
    {
        if (!TryWrite(accepts, opened => _group.Run(opened, accepts, settlements, Now), UndoGroup))
            return;

        for (var i = 0; i < settlements.Count; i++)
            settlements[i].Written?.Invoke(new Settled(settlements[i], _group.FreedNext[i]));

        settlements.Clear();
    }

    private void UndoGroup(Exception error)
    {
        if (session.Current is not { } opened)
            return;

        _group.Undo(opened);

        // What is in the journal is stored: opening the file anew does it there as well.
        if (_group.IsWritten)
            session.Close(emptyLog: false);
        else
            session.CloseIfDoubtful(error);
    }

    private void SetCoalescedApart(List<PendingAccept> accepts)
    {
        foreach (var accept in accepts)
        {
            if (accept.Request.Coalesce is not null)
                _coalesced.Add(accept);
        }

        if (_coalesced.Count > 0)
            accepts.RemoveAll(static accept => accept.Request.Coalesce is not null);
    }

    private void WriteCoalesced()
    {
        if (_coalesced.Count == 0)
            return;

        TryWrite(_coalesced, opened => _coalesceGroup.Run(opened, _coalesced, Now), UndoCoalesced);
        _coalesced.Clear();
    }

    private void UndoCoalesced(Exception error)
    {
        _coalesceGroup.Undo(_coalesced);
        session.CloseIfDoubtful(error);
    }

    /// <summary>Writes events and tells them. Where it fails nothing of them is known to be stored, and they are told so.</summary>
    private bool TryWrite(List<PendingAccept> accepts, Action<StoreSession> write, Action<Exception> undo)
    {
        watch.Begin();
        try
        {
            var opened = session.Open();
            StoreMetrics.Measure(time, accepts.Count, () => write(opened));
        }
        catch (Exception e)
        {
            NotWritable(e);
            undo(e);
            watch.End();
            Answers.Refuse(CollectionsMarshal.AsSpan(accepts), e.Message);
            return false;
        }

        _isUncommitted = true;
        watch.End();
        if (Writable.Open())
            StoreLog.Writable(logger, file.Path);

        Answers.Give(CollectionsMarshal.AsSpan(accepts));
        return true;
    }

    /// <summary>Commits what groups have left in the open transaction, if it is time. Nobody waits for it: the journal has it.</summary>
    private void CommitGroups()
    {
        // Where none is open, something else has committed it: the log has grown all the same.
        if (!_isUncommitted || session.Current is not { } opened || opened.Groups is { CommitAt: not null, IsDue: false })
            return;

        watch.BeginUnasked();
        try
        {
            opened.Groups.Commit();
            _isUncommitted = false;
            session.WatchLog();
        }
        catch (SqliteException e)
        {
            NotWritable(e);
            session.CloseIfDoubtful(e);
        }

        watch.End();
    }

    private void NotWritable(Exception error)
    {
        if (Writable.Close())
            StoreLog.Unwritable(logger, error, file.Path);
        else
            StoreLog.StillUnwritable(logger, error, file.Path);
    }

    private void RunJobs(List<WriterJob> jobs)
    {
        foreach (var job in jobs)
        {
            watch.Begin();
            Run(job);
            watch.End();
            job.Tell();
        }

        jobs.Clear();
    }

    private void Run(WriterJob job)
    {
        try
        {
            var opened = session.Open();
            opened.Groups.Flush();
            job.Run(opened);
        }
        catch (Exception e)
        {
            job.Fail(new StoreException($"The store cannot be opened now: {e.Message}", e));
            session.CloseIfDoubtful(e);
        }
    }

    /// <summary>
    /// Answers what needs no commit: events that waited for longer than their sender does, which will send them again, and duplicates
    /// of what is stored already. Before a group, every mark in memory is durable.
    /// </summary>
    private void AnswerWithoutCommit(List<PendingAccept> accepts)
    {
        var now = Now;
        accepts.RemoveAll(accept =>
        {
            if (time.GetElapsedTime(accept.EnqueuedAt) > options.AcceptTimeout)
                accept.Refuse("The event waited too long to be stored.");
            else if (memory.Dedupe.TryFind(accept.Request.DedupeKey, now, out var first))
                accept.Outcome = new AcceptResult.Duplicate(first);
            else
                return false;

            _answered.Add(accept);
            return true;
        });
        Answers.Give(CollectionsMarshal.AsSpan(_answered));
        _answered.Clear();
    }
}

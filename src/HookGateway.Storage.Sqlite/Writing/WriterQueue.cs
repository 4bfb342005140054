using System.Diagnostics;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// What waits for the writer. A plain monitor and not a channel, because one wait has to watch three things and a deadline:
/// accepts and jobs start a batch at once, settlements wait a moment for an accept whose commit they can share.
/// </summary>
internal sealed class WriterQueue
{
    private const int MaxAccepts = 4096;
    private const int MaxBatch = 256;
    private const long MaxBatchBytes = 8 * 1024 * 1024;
    private const int ManySettlements = 64;
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    // A Lock cannot be waited on, as a Monitor can.
    private readonly object _gate = new();
    private readonly Queue<PendingAccept> _accepts = new();
    private readonly List<WriterJob> _jobs = [];

    // Bounded by the deliveries that are leased: each is settled once.
    private readonly List<Settlement> _settlements = [];
    private long _lingerSince;
    private bool _woken;
    private bool _isWaiting;
    private long? _commitAt;
    private bool _closed;
    private string? _refusal;

    /// <summary>Queues an event.</summary>
    /// <returns>Why not; <see langword="null"/> where it is queued.</returns>
    public string? Add(PendingAccept accept)
    {
        lock (_gate)
        {
            if (_refusal is not null)
                return _refusal;

            if (_accepts.Count >= MaxAccepts)
                return "Too many events wait to be stored.";

            _accepts.Enqueue(accept);
            WakeWriter();
            return null;
        }
    }

    /// <returns>Whether it will be run.</returns>
    public bool Add(WriterJob job)
    {
        lock (_gate)
        {
            if (_closed)
                return false;

            _jobs.Add(job);
            WakeWriter();
            return true;
        }
    }

    public void Add(Settlement settlement)
    {
        lock (_gate)
        {
            if (_settlements.Count == 0)
                _lingerSince = Stopwatch.GetTimestamp();

            _settlements.Add(settlement);
            if (_settlements.Count is 1 or ManySettlements)
                WakeWriter();
        }
    }

    /// <summary>Starts a batch even if nothing waits: something is to be tried again.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            WakeWriter();
        }
    }

    /// <summary>Answers everything that waits, and refuses what comes from now on, until <see cref="Accept"/>.</summary>
    public void Refuse(string reason)
    {
        PendingAccept[] waiting;
        lock (_gate)
        {
            _refusal = reason;
            waiting = [.. _accepts];
            _accepts.Clear();
        }

        Answers.Refuse(waiting, reason);
    }

    /// <summary>Takes events (again).</summary>
    public void Accept()
    {
        lock (_gate)
            _refusal = _closed ? _refusal : null;
    }

    /// <summary>Lets <see cref="Take"/> hand out what is left, and then end.</summary>
    public void Close(string reason)
    {
        lock (_gate)
        {
            _closed = true;
            _refusal = reason;
            WakeWriter();
        }
    }

    /// <summary>Waits for work and moves it into the batch, which may be empty. Writer thread.</summary>
    /// <param name="batch">Where to.</param>
    /// <param name="commitAt">When to end waiting in any case, as a time stamp of <see cref="Stopwatch"/>.</param>
    /// <returns>Whether there is more to do; <see langword="false"/> when the queue is closed and empty.</returns>
    public bool Take(WriterBatch batch, long? commitAt)
    {
        _commitAt = commitAt;
        Wait();

        // Whoever is about to add something may do so first: where threads share a core, the writer is woken by the first event
        // and would otherwise take it alone.
        Thread.Yield();
        lock (_gate)
        {
            TakeAccepts(batch.Accepts);
            batch.Jobs.AddRange(_jobs);
            _jobs.Clear();
            batch.SettlementsDue = batch.Accepts.Count > 0 || AreSettlementsDue();
            if (batch.SettlementsDue)
            {
                batch.Settlements.AddRange(_settlements);
                _settlements.Clear();
            }

            _woken = false;
            return batch.SettlementsDue || batch.Jobs.Count > 0 || !_closed;
        }
    }

    private void Wait()
    {
        lock (_gate)
        {
            while (!IsReady())
            {
                _isWaiting = true;
                Monitor.Wait(_gate, TimeLeft());
                _isWaiting = false;
            }
        }
    }

    // Most add something while the writer writes, or has been woken already.
    private void WakeWriter()
    {
        if (!_isWaiting)
            return;

        _isWaiting = false;
        Monitor.Pulse(_gate);
    }

    private bool IsReady() =>
        _accepts.Count > 0 || _jobs.Count > 0 || _woken || _closed || AreSettlementsDue() || CommitLeft() == TimeSpan.Zero;

    private bool AreSettlementsDue() =>
        _settlements.Count >= ManySettlements
        || (_settlements.Count > 0 && (_closed || LingerLeft() == TimeSpan.Zero))
        || _woken;

    private TimeSpan TimeLeft()
    {
        var (linger, commit) = (_settlements.Count > 0 ? LingerLeft() : Timeout.InfiniteTimeSpan, CommitLeft());
        return linger < TimeSpan.Zero || (commit >= TimeSpan.Zero && commit < linger) ? commit : linger;
    }

    private TimeSpan CommitLeft() =>
        _commitAt is { } at ? WholeMilliseconds(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), at)) : Timeout.InfiniteTimeSpan;

    private TimeSpan LingerLeft() => WholeMilliseconds(Linger - Stopwatch.GetElapsedTime(_lingerSince));

    // Monitor counts in whole milliseconds, and a wait of none would spin.
    private static TimeSpan WholeMilliseconds(TimeSpan left) =>
        left <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));

    private void TakeAccepts(List<PendingAccept> accepts)
    {
        var bytes = 0L;
        while (accepts.Count < MaxBatch && _accepts.TryPeek(out var next))
        {
            bytes += next.Request.Event.Body.Length;
            if (accepts.Count > 0 && bytes > MaxBatchBytes)
                return;

            accepts.Add(_accepts.Dequeue());
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using HookGateway.Load.Peers;

namespace HookGateway.Load.Loading;

/// <summary>
/// Posts at a steady rate from a thread of its own: a millisecond's events at once, on connections that are free or new. Where a server
/// answers so late that all the connections there may be are taken, an event waits for one; its time, and that of those behind it, counts
/// from when it should have been posted.
/// </summary>
/// <param name="rate">Events a second.</param>
/// <param name="peer">Where to.</param>
/// <param name="receipts">Has their ids.</param>
/// <param name="posts">Where it writes down what came of each.</param>
/// <param name="mostConnections">How many there may be at once: the system has only so many for a process.</param>
internal sealed class PacedSender(int rate, Peer peer, Receipts receipts, PacedPost[] posts, int mostConnections = 4096) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    // Kestrel closes a connection after 130 s without a request.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(60);

    private readonly ConcurrentStack<PostConnection> _free = new();
    private readonly ConcurrentDictionary<PostConnection, bool> _open = new();
    private int _answered;
    private bool _isHeldUp;

    /// <summary>How many posts have ended.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Whether an event waits for a connection, or those behind one that did have not all had their turn yet.</summary>
    public bool IsHeldUp => Volatile.Read(ref _isHeldUp);

    /// <summary>Returns when the last event is posted.</summary>
    /// <param name="began">From when on, as a time stamp.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public Task RunAsync(long began, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Run(began, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var connection in _open.Keys)
            connection.Dispose();
    }

    private void Run(long began, CancellationToken cancellationToken)
    {
        for (var number = 0; number < posts.Length; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var due = began + (long)(number * (double)Stopwatch.Frequency / rate);
            while (Stopwatch.GetTimestamp() < due)
            {
                cancellationToken.WaitHandle.WaitOne(Pause);
                Volatile.Write(ref _isHeldUp, false);
            }

            posts[number].Sent = _isHeldUp ? due : Stopwatch.GetTimestamp();
            PostConnection? connection;
            while ((connection = Free()) is null)
            {
                Volatile.Write(ref _isHeldUp, true);
                cancellationToken.WaitHandle.WaitOne(Pause);
                cancellationToken.ThrowIfCancellationRequested();
            }

            connection.Post(number, number % peer.Candidate.EventNames, receipts.Id(number));
        }
    }

    private PostConnection? Free()
    {
        while (_free.TryPop(out var free))
        {
            if (Stopwatch.GetElapsedTime(posts[free.Number].Answered) < LongestIdle)
                return free;

            Close(free);
        }

        if (_open.Count >= mostConnections)
            return null;

        var connection = new PostConnection(peer.Url, receipts.IdLength, Ended);
        _open.TryAdd(connection, true);
        return connection;
    }

    private void Ended(PostConnection connection)
    {
        ref var post = ref posts[connection.Number];
        (post.Answered, post.Status) = (Stopwatch.GetTimestamp(), connection.Status);
        if (connection.Status != 0)
            _free.Push(connection);
        else
            Close(connection);

        Interlocked.Increment(ref _answered);
    }

    private void Close(PostConnection connection)
    {
        _open.TryRemove(connection, out _);
        connection.Dispose();
    }
}

/// <summary>What came of one event.</summary>
internal record struct PacedPost
{
    /// <summary>When it was posted, or should have been where no connection was free, as a time stamp.</summary>
    public long Sent { get; set; }

    /// <summary>When its answer was there.</summary>
    public long Answered { get; set; }

    /// <summary>The answer's status; 0 where there was none.</summary>
    public int Status { get; set; }

    /// <summary>Whether it was taken.</summary>
    public readonly bool IsAccepted => Status is >= 200 and <= 299;
}

using System.Collections.Concurrent;

namespace HookGateway.Deliver;

/// <summary>
/// The time limit of a destination's attempts, each from its own beginning. What keeps one time is used again for a later attempt,
/// unless it ran out: making a timer for every attempt costs more than the attempt's bookkeeping. Any thread.
/// </summary>
/// <param name="limit">How long an attempt may take.</param>
/// <param name="time">The machine's clock: of any other a timer cannot be used again.</param>
internal sealed class AttemptTime(TimeSpan limit, TimeProvider time)
{
    // No more than there were attempts at once.
    private readonly ConcurrentQueue<CancellationTokenSource> _unused = new();

    /// <summary>Begins one; to be given back with <see cref="End"/>.</summary>
    public CancellationTokenSource Begin()
    {
        if (!_unused.TryDequeue(out var timer))
            timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);

        timer.CancelAfter(limit);
        return timer;
    }

    /// <summary>The attempt is over, and nothing looks at its token any more.</summary>
    public void End(CancellationTokenSource timer)
    {
        if (timer.TryReset())
            _unused.Enqueue(timer);
        else
            timer.Dispose();
    }
}

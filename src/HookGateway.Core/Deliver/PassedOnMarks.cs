using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Deliver;

/// <summary>
/// Which requests of one source were passed on and answered, so that a repeat within the window is not passed on again: in the
/// memory of this process, and so many at most that no sender makes it grow. A repeat that comes while the first is under way
/// waits for its end: whether the caller can do without an answer of its own is not known before. Any thread.
/// </summary>
/// <param name="window">How long an answered request counts.</param>
/// <param name="time">By which the window is counted, and how long a repeat waits.</param>
internal sealed class PassedOnMarks(TimeSpan window, SteadyTimeProvider time)
{
    /// <summary>How many answered requests are remembered; the oldest goes for a new one.</summary>
    internal const int Most = 100_000;

    private readonly Lock _gate = new();

    // As many as there are requests under way, which limits.concurrentRequests bounds.
    private readonly Dictionary<DedupeKey, TaskCompletionSource> _underWay = [];
    private readonly Dictionary<DedupeKey, EventId> _marks = [];

    // The window is the same for all: the first in is the first to expire.
    private readonly Queue<(DedupeKey Key, DateTimeOffset Expires)> _byAge = new();

    /// <summary>How many are remembered, those that have expired since the last request included.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _marks.Count;
        }
    }

    /// <summary>Passes a request on, unless it is a repeat. Only an answer leaves a mark; after anything else the next one passes.</summary>
    /// <param name="key">What makes two requests the same.</param>
    /// <param name="id">The request's own id, which its repeats are told.</param>
    /// <param name="patience">How long it waits for the end of the one before it.</param>
    /// <param name="passOn">Passes it on, to the end.</param>
    /// <param name="callerGone">Ends the waiting.</param>
    public async Task<ForwardResult> PassOnceAsync(
        DedupeKey key, EventId id, TimeSpan patience, Func<Task<ForwardResult>> passOn, CancellationToken callerGone)
    {
        var started = time.GetTimestamp();
        EventId? first;
        while (EndOfOther(key, out first) is { } end)
        {
            var left = patience - time.GetElapsedTime(started);
            try
            {
                await end.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, callerGone).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return new ForwardResult.StillUnderWay();
            }
            catch (OperationCanceledException)
            {
                return new ForwardResult.CallerGone();
            }
        }

        if (first is { } answered)
            return new ForwardResult.Repeat(answered);

        var isAnswered = false;
        try
        {
            var result = await passOn().ConfigureAwait(false);
            isAnswered = result.IsAnswered;
            return result;
        }
        finally
        {
            End(key, isAnswered ? id : null);
        }
    }

    /// <param name="key">What makes two requests the same.</param>
    /// <param name="first">The one that was answered; <see langword="null"/> where the caller is the first now.</param>
    /// <returns>What ends with the one that is under way; <see langword="null"/> where none is.</returns>
    private Task? EndOfOther(DedupeKey key, out EventId? first)
    {
        lock (_gate)
        {
            Forget();
            first = _marks.TryGetValue(key, out var id) ? id : null;
            if (first is not null)
                return null;

            if (_underWay.TryGetValue(key, out var other))
                return other.Task;

            _underWay.Add(key, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return null;
        }
    }

    private void End(DedupeKey key, EventId? answered)
    {
        lock (_gate)
        {
            _underWay.Remove(key, out var ended);
            if (answered is { } id)
            {
                _marks.Add(key, id);
                _byAge.Enqueue((key, time.GetUtcNow() + window));
                Forget();
            }

            ended!.SetResult();
        }
    }

    private void Forget()
    {
        var now = time.GetUtcNow();
        while (_byAge.TryPeek(out var oldest) && (oldest.Expires <= now || _byAge.Count > Most))
        {
            _byAge.Dequeue();
            _marks.Remove(oldest.Key);
        }
    }
}

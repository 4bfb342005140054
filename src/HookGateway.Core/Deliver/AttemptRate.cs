using HookGateway.Configuration;
using HookGateway.Store;

namespace HookGateway.Deliver;

/// <summary>
/// A token bucket that keeps a destination's attempts to its <c>rateLimit</c> in every stretch of that length, wherever it
/// begins. A bucket that held the whole limit would let twice as much through in the stretch that follows a quiet time: this
/// one holds a tenth, and fills with the rest (<see cref="BucketOf"/>). The platform's limiters cannot run on a <see cref="TimeProvider"/>, nor say
/// when the next token comes. A destination's two lanes share one; any thread.
/// </summary>
internal sealed class AttemptRate
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly long _interval;
    private readonly long _slack;
    private long _full;
    private long? _claimed;

    public AttemptRate(RateLimitConfiguration limit, TimeProvider time)
    {
        var bucket = BucketOf(limit, TimeSpan.Zero);
        _time = time;
        _start = time.GetTimestamp();
        _interval = bucket.Interval.Ticks;
        _slack = bucket.Saved * _interval;

        // One token to begin with, so that a restart adds no more than that.
        _full = _slack;
    }

    /// <summary>The bucket that keeps attempts to a limit.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="late">How long after it was taken a token can be used.</param>
    public static TokenBucket BucketOf(RateLimitConfiguration limit, TimeSpan late)
    {
        // What begins within a stretch was taken within it or so long before. Rounded up: a tick too long is a rate a little below the
        // limit, a tick too short one above it.
        var saved = limit.Attempts / 10;
        var fill = limit.Attempts - saved;
        return new TokenBucket(TimeSpan.FromTicks((limit.Per.Ticks + late.Ticks + fill - 1) / fill), saved);
    }

    /// <summary>Takes a token.</summary>
    /// <param name="yields">
    /// Whether to leave it to somebody who does not yield and was told to wait for it: until an interval after the token came,
    /// for that one may have gone away.
    /// </param>
    /// <returns>Zero where there was one; else how long until there will be.</returns>
    public TimeSpan Take(bool yields = false)
    {
        lock (_lock)
        {
            // The bucket's content is written as the time at which it will be full: nothing has to tick.
            var now = _time.GetElapsedTime(_start).Ticks;
            if (yields && _claimed is { } claimed && claimed + _interval > now)
                return TimeSpan.FromTicks(claimed + _interval - now);

            var wait = _full - _slack - now;
            if (!yields)
                _claimed = wait > 0 ? now + wait : null;

            if (wait > 0)
                return TimeSpan.FromTicks(wait);

            _full = Math.Max(_full, now) + _interval;
            return TimeSpan.Zero;
        }
    }
}

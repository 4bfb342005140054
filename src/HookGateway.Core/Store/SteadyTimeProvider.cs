namespace HookGateway.Store;

/// <summary>
/// The machine's clock, but never going back: set back, it goes on from where it was, as fast as time passes, until the
/// machine's clock has caught up; set forward, it follows. Everything that is compared over time goes by it: due times, the
/// breaker, dedupe windows, retention, ids. What others compare with their own clocks (signatures, certificates, what is shown)
/// goes by the machine's. Timers and timestamps are the machine's. Any thread.
/// </summary>
internal sealed class SteadyTimeProvider(TimeProvider machine) : TimeProvider
{
    private readonly long _start = machine.GetTimestamp();

    // The time is this much more than what has elapsed since the start. In ticks; only ever raised.
    private long _offset = long.MinValue;

    /// <summary>The machine's clock, as it is: for timers of those who pool them only where they know it.</summary>
    public TimeProvider Machine => machine;

    /// <summary>How far it is ahead of the machine's clock: zero, unless that was set back.</summary>
    public TimeSpan Ahead => GetUtcNow() - machine.GetUtcNow() is var ahead && ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    /// <summary>This clock where it is one already; else one over it.</summary>
    public static SteadyTimeProvider Of(TimeProvider time) => time as SteadyTimeProvider ?? new SteadyTimeProvider(time);

    public override DateTimeOffset GetUtcNow()
    {
        // In this order: a pause between the two makes the difference too small, which changes nothing.
        var clock = machine.GetUtcNow();
        var elapsed = machine.GetElapsedTime(_start);
        Raise((clock - elapsed).UtcTicks);
        return new DateTimeOffset(Volatile.Read(ref _offset) + elapsed.Ticks, TimeSpan.Zero);
    }

    /// <summary>From now on it is this time at least: what was stored under a later clock shall not wait for it.</summary>
    public void NotBefore(DateTimeOffset time) => Raise((time - machine.GetElapsedTime(_start)).UtcTicks);

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);

    private void Raise(long offset)
    {
        for (var before = Volatile.Read(ref _offset); offset > before;)
        {
            var found = Interlocked.CompareExchange(ref _offset, offset, before);
            if (found == before)
                return;

            before = found;
        }
    }
}

namespace HookGateway.Testing;

/// <summary>A machine's clock that somebody sets, also back: timers and timestamps of the one below it go on as they were.</summary>
public sealed class SettableClock(TimeProvider below) : TimeProvider
{
    private long _offset;

    /// <inheritdoc/>
    public override long TimestampFrequency => below.TimestampFrequency;

    /// <summary>Sets it by so much, forward or back.</summary>
    public void SetBy(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => below.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _offset));

    /// <inheritdoc/>
    public override long GetTimestamp() => below.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        below.CreateTimer(callback, state, dueTime, period);
}

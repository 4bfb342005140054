namespace HookGateway.Host.Sending;

/// <summary>Lets events start at a steady rate, whoever asks. One that comes late does not hold up those after it.</summary>
internal sealed class Pace(double? perSecond, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private long _started;

    /// <summary>Completes when the next event may start; at once where no rate is set.</summary>
    public Task NextAsync(CancellationToken cancellationToken)
    {
        if (perSecond is not { } rate)
            return Task.CompletedTask;
        var due = TimeSpan.FromSeconds((Interlocked.Increment(ref _started) - 1) / rate);
        var wait = due - time.GetElapsedTime(_start);
        return wait <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(wait, time, cancellationToken);
    }
}

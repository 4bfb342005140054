namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// Notices a writer that is stuck inside a commit, as on a disk that answers no more, and has the events behind it refused
/// until it moves again. One timer for all of them.
/// </summary>
internal sealed class WriterWatch(TimeProvider time, TimeSpan limit, WriterQueue queue, Action<TimeSpan> stuck)
{
    private readonly Lock _lock = new();
    private long? _busySince;
    private TimeProvider _clock = TimeProvider.System;
    private bool _stuck;

    /// <summary>The writer begins something that others wait for.</summary>
    public void Begin() => Begin(time);

    /// <summary>The writer begins something that nobody waits for, whatever the store's clock says.</summary>
    public void BeginUnasked() => Begin(TimeProvider.System);

    /// <summary>The writer has ended it.</summary>
    public void End()
    {
        lock (_lock)
        {
            _busySince = null;
            if (!_stuck)
                return;

            _stuck = false;
            queue.Accept();
        }
    }

    /// <summary>Looks at the writer. Timer thread.</summary>
    public void Check()
    {
        lock (_lock)
        {
            if (_stuck || _busySince is not { } since || _clock.GetElapsedTime(since) is var elapsed && elapsed < limit)
                return;

            _stuck = true;
            stuck(elapsed);
            queue.Refuse("The disk has not finished a commit in time.");
        }
    }

    private void Begin(TimeProvider clock)
    {
        lock (_lock)
            (_clock, _busySince) = (clock, clock.GetTimestamp());
    }
}

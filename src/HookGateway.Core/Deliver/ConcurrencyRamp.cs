namespace HookGateway.Deliver;

/// <summary>
/// How many attempts may be under way after a lane was parked: one, the probe, then twice as many each time that as many went
/// well, until that is what the destination bore before. So a downstream that has just come back is not met by the whole
/// backlog at once. An attempt that fails ends the doubling: from there on <see cref="ConcurrencyLimit"/> finds out how many
/// more it bears. Not safe for several threads: <see cref="Lane"/> holds its lock.
/// </summary>
/// <param name="time">For telling which attempts began before the ramp.</param>
internal sealed class ConcurrencyRamp(TimeProvider time)
{
    private int _wentWell;
    private long _began;

    /// <summary>How many may be under way; <see cref="int.MaxValue"/> where there is no ramp.</summary>
    public int Current { get; private set; } = int.MaxValue;

    /// <summary>Begins with one.</summary>
    public void Begin()
    {
        Current = 1;
        _wentWell = 0;
        _began = time.GetTimestamp();
    }

    /// <summary>Learns from an attempt; where it ends the ramp, <paramref name="limit"/> goes on from here.</summary>
    public void Ended(AttemptResult result, TimeSpan duration, ConcurrencyLimit limit)
    {
        // What began before the ramp says nothing about it.
        if (Current == int.MaxValue || time.GetElapsedTime(_began) < duration)
            return;

        if (result.SpeaksAgainstDestination)
        {
            // A probe that fails leaves it at one: the breaker opens again, or the next attempt tells more.
            if (Current > 1)
            {
                limit.LowerTo(Current);
                Current = int.MaxValue;
            }

            return;
        }

        if (++_wentWell < Current)
            return;

        _wentWell = 0;
        Current = Current >= limit.Current / 2.0 ? int.MaxValue : Current * 2;
    }
}

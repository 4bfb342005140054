using HookGateway.Configuration;
using HookGateway.Store;

namespace HookGateway.Deliver;

/// <summary>
/// Whether a lane may begin another attempt: not while it is stopping, paused or parked, no more at once than the destination
/// bears (<see cref="ConcurrencyLimit"/>, after parking <see cref="ConcurrencyRamp"/>), no faster than its
/// <see cref="AttemptRate"/>, or <see cref="SharedAttemptRate"/> where several gateways share it. Not safe for several threads: <see cref="Lane"/> holds its lock.
/// </summary>
internal sealed class AttemptGate : IDisposable
{
    private readonly ConcurrencyLimit _concurrency;
    private readonly ConcurrencyRamp _ramp;
    private readonly AttemptRate? _rate;
    private readonly SharedAttemptRate? _sharedRate;
    private readonly Action _tokenComes;
    private readonly bool _yields;
    private readonly ITimer _unpark;
    private readonly ITimer _pace;

    private bool _pacing;

    /// <param name="destination">Whose attempts they are.</param>
    /// <param name="parkingEnds">Called, from a timer, when parking is over: to call <see cref="Unpark"/>.</param>
    /// <param name="tokenComes">Called, from a timer or the store, when the rate allows another attempt: to call <see cref="GoOn"/>.</param>
    /// <param name="shared">Where other gateways deliver to the destination as well.</param>
    /// <param name="time">For these timers, and for what the destination bears.</param>
    /// <param name="first">The gate whose rate this one shares, and whose attempts go before.</param>
    public AttemptGate(
        DestinationConfiguration destination, Action parkingEnds, Action tokenComes, ISharedDestinations? shared, TimeProvider time,
        AttemptGate? first)
    {
        _yields = first is not null;
        _tokenComes = tokenComes;
        _concurrency = new ConcurrencyLimit(destination.Concurrency, time);
        _ramp = new ConcurrencyRamp(time);
        if (first is not null)
            (_rate, _sharedRate) = (first._rate, first._sharedRate);
        else if (destination.RateLimit is { } limit && shared is not null)
            _sharedRate = new SharedAttemptRate(destination.Name, limit, shared, time);
        else if (destination.RateLimit is { } own)
            _rate = new AttemptRate(own, time);

        _unpark = time.CreateTimer(
            static callback => ((Action)callback!)(), parkingEnds, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _pace = time.CreateTimer(
            static callback => ((Action)callback!)(), tokenComes, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the lane is being left alone because the destination is ill.</summary>
    public bool IsParked { get; private set; }

    /// <summary>Whether an operator paused the destination.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Whether the gateway is stopping.</summary>
    public bool IsStopping { get; set; }

    /// <summary>How many attempts the destination bears at once.</summary>
    public int Concurrency => _concurrency.Current;

    /// <summary>Whether attempts are made at all now.</summary>
    public bool IsOpen => !IsStopping && !IsPaused && !IsParked;

    /// <summary>How many attempts may be under way now.</summary>
    public int Limit => Math.Min(_ramp.Current, _concurrency.Current);

    /// <summary>Learns from an attempt that was made, while <paramref name="active"/> were under way.</summary>
    public void Learn(AttemptResult result, TimeSpan duration, int active)
    {
        // What was under way when the lane was parked leaves the probing to the one that comes after.
        if (!IsParked)
            _ramp.Ended(result, duration, _concurrency);

        _concurrency.Ended(result, duration, isFull: active >= _concurrency.Current);
    }

    /// <summary>Whether the next attempt may begin, which takes a token of the rate; where there is none, it goes on later.</summary>
    /// <param name="active">How many are under way.</param>
    /// <param name="ready">How many wait, this one among them.</param>
    public bool TryPass(int active, int ready)
    {
        if (!IsOpen || _pacing)
            return false;

        if (_sharedRate is not null)
        {
            _pacing = !_sharedRate.TryTake(Math.Clamp(Limit - active, 1, ready), _yields, _tokenComes);
            return !_pacing;
        }

        var wait = _rate?.Take(_yields) ?? TimeSpan.Zero;
        if (wait == TimeSpan.Zero)
            return true;

        // Timers count whole milliseconds; one that rang early would find no token yet.
        _pacing = true;
        _pace.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        return false;
    }

    /// <summary>The rate allows another attempt.</summary>
    public void GoOn() => _pacing = false;

    /// <summary>Leaves the destination alone for a while; says whether it was not so already.</summary>
    public bool TryPark(TimeSpan pause)
    {
        if (IsParked || IsStopping)
            return false;

        IsParked = true;
        _unpark.Change(pause > TimeSpan.FromMilliseconds(1) ? pause : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        return true;
    }

    /// <summary>Parking is over: one attempt goes ahead of the rest.</summary>
    public void Unpark()
    {
        IsParked = false;
        _unpark.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ramp.Begin();
    }

    public void Dispose()
    {
        _unpark.Dispose();
        _pace.Dispose();
        _sharedRate?.Dispose();
    }
}

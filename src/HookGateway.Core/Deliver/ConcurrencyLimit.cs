using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>
/// How many attempts a destination bears at once: its <c>concurrency</c> until it says otherwise. An answer 429 or 503 or a
/// timeout takes a quarter away, and the number that was too many is not tried again for a while; answers that become several
/// times slower than usual take a tenth, and no more than three quarters in all, for slow is not yet overloaded. Answers in
/// good time, while as many are under way as may be, give it back a tenth a round. Not safe for several threads:
/// <see cref="Lane"/> holds its lock.
/// </summary>
/// <param name="most">The configured number.</param>
/// <param name="time">For telling which attempts began before the last change, and when to try more again.</param>
internal sealed class ConcurrencyLimit(int most, TimeProvider time)
{
    /// <summary>How long the number that was too many is kept to.</summary>
    internal static readonly TimeSpan UntilMoreIsTried = TimeSpan.FromSeconds(10);

    private const double AfterOverload = 0.75;
    private const double AfterSlowness = 0.9;
    private const double Growth = 0.1;
    private const double SlowBy = 3;

    // Milliseconds: what a busy machine adds by itself is no slowness of the destination's.
    private const double Noise = 50;

    private double _limit = most;
    private int _tooMany = int.MaxValue;
    private long? _changedAt;
    private double? _usual;
    private double _recent;

    /// <summary>How many may be under way now; 1 at least.</summary>
    public int Current => (int)_limit;

    /// <summary>Learns from an attempt.</summary>
    /// <param name="result">What came of it.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="isFull">Whether as many were under way as may be: only then does its success say that they were not too many.</param>
    public void Ended(AttemptResult result, TimeSpan duration, bool isFull)
    {
        var isOverload = result is { StatusCode: 429 or 503 } or { Error: DeliveryError.Timeout };
        if (!isOverload && !result.Succeeded)
            return;

        var isSlow = !isOverload && IsSlow(duration.TotalMilliseconds);
        if (isOverload || isSlow)
        {
            // What began under the number before says nothing about this one: sixteen refusals at once are one.
            if (_changedAt is { } changed && time.GetElapsedTime(changed) < duration)
                return;

            BackOff(isOverload);
        }
        else if (isFull)
        {
            Grow();
        }
    }

    /// <summary>Fewer than this were tried last, and one failed: goes on from there.</summary>
    public void LowerTo(int limit) => _limit = Math.Min(_limit, limit);

    private void BackOff(bool isOverload)
    {
        _changedAt = time.GetTimestamp();
        if (isOverload)
        {
            _tooMany = Current;
            _limit = Math.Max(1, _limit * AfterOverload);
        }
        else
        {
            _limit = Math.Min(_limit, Math.Max(Math.Max(1, most / 4.0), _limit * AfterSlowness));
        }
    }

    private void Grow()
    {
        if (_changedAt is { } changed && time.GetElapsedTime(changed) >= UntilMoreIsTried)
            _tooMany = int.MaxValue;

        var bound = Math.Max(1, Math.Min(most, _tooMany - 1));
        if (_limit < bound)
            _limit = Math.Min(bound, _limit + Math.Max(Growth, 1 / _limit));
    }

    /// <summary>
    /// Whether the last ten or so answers took several times as long as the last thousand. So what stays slow becomes the
    /// usual in the end, and what is slow by nature was so from the beginning.
    /// </summary>
    private bool IsSlow(double milliseconds)
    {
        if (_usual is not { } usual)
        {
            _usual = _recent = milliseconds;
            return false;
        }

        _recent += (milliseconds - _recent) * 0.2;

        // Faster downwards: the first answers, on cold connections, say little about what is usual.
        _usual = usual + ((milliseconds - usual) * (milliseconds < usual ? 0.004 : 0.001));
        return _recent > (SlowBy * usual) + Noise;
    }
}

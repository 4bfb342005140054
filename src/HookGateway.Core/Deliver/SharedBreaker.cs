using HookGateway.Configuration;
using Polly.CircuitBreaker;

namespace HookGateway.Deliver;

/// <summary>
/// What this gateway tells others of a destination's breaker, and has heard of theirs: of several that have it open, one tries the
/// destination. Any thread.
/// </summary>
internal sealed class SharedBreaker(DestinationConfiguration destination, CircuitBreakerStateProvider breaker, TimeProvider clock)
{
    // It has opened, and Polly has not said until when yet; or it is nobody else's matter.
    private const long NotSaid = long.MaxValue;
    private const long Own = 0;

    // So long one gateway waits for another: to try the destination when it is time, to be heard of.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private long _openUntil = NotSaid;
    private volatile Elsewhere? _elsewhere;
    private bool _isLeft;

    /// <summary>Called when the breaker opens, or closes again.</summary>
    public Action? Changed { get; set; }

    /// <summary>
    /// Where this gateway's own breaker is open: how long until it tries the destination, zero while it does. A breaker that was to be tried
    /// and is not, for there is nothing to send, keeps nobody else from trying; nor does one that opened while another gateway's was open.
    /// </summary>
    public TimeSpan? OpenHere
    {
        get
        {
            var until = Volatile.Read(ref _openUntil);
            if (until == Own || LeftToOthers is not null)
                return null;

            var remaining = until == NotSaid ? destination.Breaker.Pause : TimeSpan.FromTicks(until - clock.GetUtcNow().UtcTicks);
            return breaker.CircuitState switch
            {
                CircuitState.HalfOpen => TimeSpan.Zero,
                CircuitState.Open when remaining > -Patience => remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero,
                _ => null,
            };
        }
    }

    /// <summary>
    /// How long to leave the destination to another gateway that has its breaker open; where that one tries it now, for as long as this may
    /// take. <see langword="null"/>: it need not be left.
    /// </summary>
    public TimeSpan? LeftToOthers
    {
        get
        {
            if (_elsewhere is not { } other || clock.GetUtcNow() is var now && now >= other.Lapses)
                return null;

            return now < other.Until ? other.Until - now : destination.Timeout;
        }
    }

    /// <summary>The same, where somebody will wait: <see cref="TryCloseElsewhere"/> then says that it is time to wake him.</summary>
    public TimeSpan? Leave()
    {
        var left = LeftToOthers;
        if (left is not null)
            Volatile.Write(ref _isLeft, true);

        return left;
    }

    /// <summary>The breaker has opened for so long.</summary>
    public void Opened(TimeSpan pause)
    {
        Volatile.Write(ref _openUntil, (clock.GetUtcNow() + pause).UtcTicks);
        Changed?.Invoke();
    }

    /// <summary>The destination is tried: what comes of it is not said yet.</summary>
    public void HalfOpened()
    {
        if (Volatile.Read(ref _openUntil) != Own)
            Volatile.Write(ref _openUntil, NotSaid);
    }

    /// <summary>The breaker has closed.</summary>
    public void Closed()
    {
        Volatile.Write(ref _openUntil, NotSaid);
        Changed?.Invoke();
    }

    /// <summary>
    /// Another gateway leaves the destination alone for so long, and then tries it: nothing is to be sent from here until it says that it
    /// answers, or is not heard of any more.
    /// </summary>
    public void OpenElsewhere(TimeSpan remaining)
    {
        var now = clock.GetUtcNow();
        _elsewhere = new Elsewhere(now + remaining, now + (remaining > Patience ? remaining : Patience));
    }

    /// <summary>No other gateway leaves the destination alone; says whether somebody here may wait for one that did.</summary>
    public bool TryCloseElsewhere()
    {
        // Who was told to wait may begin to only after the others were woken.
        if (Interlocked.Exchange(ref _elsewhere, null) is null)
            return Interlocked.Exchange(ref _isLeft, false);

        // A breaker that opened here meanwhile keeps no other gateway from sending: it opened for what is over.
        Volatile.Write(ref _openUntil, Own);
        return true;
    }

    private sealed record Elsewhere(DateTimeOffset Until, DateTimeOffset Lapses);
}

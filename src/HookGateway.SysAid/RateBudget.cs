namespace HookGateway.SysAid;

/// <summary>
/// Holds all requests of one account together to what SysAid allows it: what its answers say, and until they say anything what it
/// documents, 1,000 requests in 5 minutes. Any thread.
/// </summary>
internal sealed class RateBudget(TimeProvider time)
{
    /// <summary>What an account may do in a <see cref="DocumentedWindow"/>.</summary>
    public const int DocumentedLimit = 1000;

    /// <summary>What SysAid documents.</summary>
    public static readonly TimeSpan DocumentedWindow = TimeSpan.FromMinutes(5);

    /// <summary>No window is waited for longer, whatever an answer says.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    // The reset is told in whole seconds, and could be rounded down.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly long _origin = time.GetTimestamp();
    private int _limit = DocumentedLimit;
    private int _left = DocumentedLimit;
    private int _underWay;

    // When the window ends; none before the first request of a window.
    private TimeSpan? _end;

    /// <summary>Waits until one more request is allowed, and counts it.</summary>
    /// <param name="waiting">Told how long, where it has to wait.</param>
    /// <param name="cancellationToken">Ends the waiting: nothing is counted then.</param>
    public async ValueTask EnterAsync(Action<TimeSpan> waiting, CancellationToken cancellationToken)
    {
        while (Take() is { } wait)
        {
            waiting(wait);
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A request that was counted has ended.</summary>
    /// <param name="told">What its answer says; <see langword="null"/> where there was none, or it says nothing.</param>
    public void Leave(RateLimitHeaders? told)
    {
        lock (_lock)
        {
            _underWay--;
            if (told is not { } headers)
                return;

            _limit = headers.Limit ?? _limit;
            var end = headers.Reset is { } reset ? Now + Min(reset, LongestWait) + Rounding : _end;

            // Those under way may not be counted in what the answer says. Answers overtake each other: within one window the
            // smallest number is the latest. A later end is another window.
            var left = Math.Max(0, headers.Remaining - _underWay);
            var isSameWindow = _end is { } before && end <= before + (2 * Rounding);
            _left = isSameWindow ? Math.Min(_left, left) : left;
            _end = end;
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>Takes one of those that are left, or says how long until there are more.</summary>
    private TimeSpan? Take()
    {
        lock (_lock)
        {
            var now = Now;
            if (_end <= now)
                (_end, _left) = (null, _limit);

            _end ??= now + DocumentedWindow;
            if (_left <= 0)
                return _end - now;

            _left--;
            _underWay++;
            return null;
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

using HookGateway.Configuration;
using HookGateway.Store;

namespace HookGateway.Deliver;

/// <summary>
/// A destination's <c>rateLimit</c> where several gateways deliver: the bucket lies in their store, and this takes out of it what
/// this gateway can use at once. One call is under way at a time; a destination's two lanes share it; any thread.
/// </summary>
internal sealed class SharedAttemptRate(string destination, RateLimitConfiguration limit, ISharedDestinations shared, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TimeSpan _late = LateOf(limit);
    private readonly TokenBucket _bucket = AttemptRate.BucketOf(limit, LateOf(limit));
    private Action? _live;
    private Action? _bulk;
    private int _tokens;
    private int _grants;
    private bool _isAsking;
    private bool _isSlow;

    /// <summary>
    /// Tokens that come later than this after they were asked for are not used, if there are more than one or the last ones were in time:
    /// 100 ms of a limit a second, 1 s a minute, 5 s an hour.
    /// </summary>
    internal static TimeSpan LateOf(RateLimitConfiguration limit) =>
        TimeSpan.FromTicks(Math.Clamp(limit.Per.Ticks / 60, TimeSpan.TicksPerSecond / 10, 5 * TimeSpan.TicksPerSecond));

    /// <summary>Takes a token that is there; where there is none, asks for some.</summary>
    /// <param name="wanted">How many could be used now; 1 at least.</param>
    /// <param name="yields">Whether somebody who does not yield, and waits as well, goes before.</param>
    /// <param name="tokensCame">Called once when it is worth another try, where it returned <see langword="false"/>.</param>
    public bool TryTake(int wanted, bool yields, Action tokensCame)
    {
        lock (_lock)
        {
            if (_tokens > 0 && !(yields && _live is not null))
            {
                _tokens--;
                return true;
            }

            if (yields)
                _bulk = tokensCame;
            else
                _live = tokensCame;

            if (!_isAsking)
            {
                _isAsking = true;
                _ = Task.Run(() => AskAsync(wanted), CancellationToken.None);
            }

            return false;
        }
    }

    public void Dispose() => _closing.Cancel();

    private async Task AskAsync(int wanted)
    {
        try
        {
            while (true)
            {
                // Where the store is slow, one at a time: many that come too late are many that others do not get. Of one it does not
                // matter when it comes, and were it not used a store that is always slow would let nothing through.
                var (asked, wasSlow) = (time.GetTimestamp(), _isSlow);
                var grant = await TakeAsync(wasSlow ? 1 : wanted).ConfigureAwait(false);
                var isGiven = grant.Tokens > 0;
                if (isGiven)
                    _isSlow = time.GetElapsedTime(asked) > _late;

                if (isGiven && (wasSlow || !_isSlow))
                {
                    Give(grant.Tokens);
                    return;
                }

                // Timers count whole milliseconds.
                var wait = isGiven ? AfterFailure : TimeSpan.FromMilliseconds(Math.Ceiling(grant.Wait.TotalMilliseconds));
                await Task.Delay(wait, time, _closing.Token).ConfigureAwait(false);
            }
        }
        catch (Exception) when (_closing.IsCancellationRequested)
        {
            // Nothing more is sent.
        }
    }

    private async ValueTask<TokenGrant> TakeAsync(int wanted)
    {
        try
        {
            return await shared.TakeTokensAsync(destination, _bucket, wanted, _closing.Token).ConfigureAwait(false);
        }
        catch (Exception) when (!_closing.IsCancellationRequested)
        {
            // Without its store a gateway sends nothing. Whatever it is: lanes that are not told would stand still for ever.
            return new TokenGrant(0, AfterFailure);
        }
    }

    private void Give(int tokens)
    {
        Action? live, bulk;
        int grant;
        lock (_lock)
        {
            (live, bulk, _live, _bulk) = (_live, _bulk, null, null);
            _tokens = tokens;
            grant = ++_grants;
            _isAsking = false;
        }

        live?.Invoke();
        bulk?.Invoke();

        // What is left cannot be used at once, and would be used too late.
        lock (_lock)
        {
            if (_grants == grant)
                _tokens = 0;
        }
    }
}

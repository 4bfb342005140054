using HookGateway.Store;
using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Redis.Link;

/// <summary>
/// Looks again and again what the primaries promise: a failover can lead to one with other settings, and an operator can change them.
/// </summary>
internal sealed class PromiseWatch(RedisLink link, RedisStoreOptions options, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private Task _watching = Task.CompletedTask;
    private bool _areTwo;
    private volatile StoreCondition _condition = StoreCondition.Sound;

    /// <summary>As it was last seen.</summary>
    public StoreCondition Condition => _condition;

    /// <exception cref="StoreException">A primary is not fit to be the store.</exception>
    public async Task StartAsync()
    {
        await LookAsync().ConfigureAwait(false);
        if (_condition.Refusal is { } refusal)
            throw new StoreException(refusal) { IsAway = _areTwo };

        _watching = WatchAsync();
    }

    /// <summary>Looks now, and tells what is not as it was.</summary>
    public async Task LookAsync()
    {
        // Where no primary is to be seen nothing can be stored; the next one is looked at before anything is.
        if (await ServerPromises.ReadAsync(link.Multiplexer, options.Durability).ConfigureAwait(false) is not { } seen)
            return;

        var (before, now) = (_condition, seen.Condition);
        (_areTwo, link.Replicas) = (seen.AreTwo, Math.Max(1, seen.Replicas));
        if (seen.AreTwo)
            link.Close(new StoreException(now.Refusal!));
        else
            link.Primary = seen.Primary;

        _condition = now;
        foreach (var warning in now.Warnings.Except(before.Warnings))
            StoreLog.PromisesLess(logger, warning);

        if (now.Refusal is { } refusal && refusal != before.Refusal)
            StoreLog.Refusing(logger, refusal);
        else if (now.Refusal is null && before.Refusal is not null)
            StoreLog.Fit(logger);
    }

    /// <summary>Looks before anything is written again.</summary>
    /// <exception cref="StoreException">Two say they are the primary.</exception>
    public async Task LookAgainAsync()
    {
        await LookAsync().ConfigureAwait(false);
        if (_areTwo)
            throw new StoreException(_condition.Refusal!);
    }

    /// <summary>The same; where nothing is to be seen, nothing changes.</summary>
    public async Task TryLookAsync()
    {
        try
        {
            await LookAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException || RedisFailure.Is(e))
        {
            // Whoever wants to write notices too, and says so.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(options.LookAtPromises);
        while (await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
            await TryLookAsync().ConfigureAwait(false);
    }
}

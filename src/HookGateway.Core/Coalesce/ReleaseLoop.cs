using HookGateway.Configuration;
using HookGateway.Observe;
using HookGateway.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HookGateway.Coalesce;

/// <summary>
/// Releases what is due. When that is lies in the store, so neither a restart nor another gateway changes it. Nobody has to wake
/// it: what is held after a look is due no sooner than the shortest <c>quiet</c> later.
/// </summary>
internal sealed class ReleaseLoop(
    GatewayConfiguration configuration, Coalescer coalescer, IEventStore store, GatewayMetrics metrics, SteadyTimeProvider time,
    ILogger<ReleaseLoop> logger) : BackgroundService
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private volatile IReadOnlyDictionary<string, long> _held = new Dictionary<string, long>();

    /// <summary>
    /// Before anything is received, what an earlier process holds for a source that does not coalesce any more goes out: what
    /// comes from now on would overtake it.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.WatchHeld(() => coalescer.Sources.Union(_held.Keys).Select(source => (source, _held.GetValueOrDefault(source))));
        while (await LookAsync(DateTimeOffset.MaxValue, coalescer.Sources, cancellationToken).ConfigureAwait(false) is { Due.Count: > 0 } found)
        {
            if (!await ReleaseAsync(found.Due, DateTimeOffset.MaxValue, cancellationToken).ConfigureAwait(false))
                break;
        }

        if (coalescer.Sources.Count > 0)
            await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var quiet = configuration.Sources.Min(source => source.Coalesce?.Quiet ?? Longest);
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = AfterFailure;
            try
            {
                await store.WhenWritableAsync(stoppingToken).ConfigureAwait(false);
                var now = time.GetUtcNow();
                var found = await LookAsync(now, [], stoppingToken).ConfigureAwait(false);
                if (await ReleaseAsync(found.Due, now, stoppingToken).ConfigureAwait(false))
                    wait = found.Due.Count == AtOnce ? TimeSpan.Zero : Soonest(Longest, quiet, found.NextDue - now);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is: a loop that fails would stop the whole gateway.
                logger.LookFailed(error.Message);
            }

            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<HeldKeys> LookAsync(DateTimeOffset dueBy, IReadOnlyCollection<string> notOf, CancellationToken cancellationToken)
    {
        var found = await store.ListHeldAsync(dueBy, AtOnce, notOf, cancellationToken).ConfigureAwait(false);
        _held = found.Held;
        return found;
    }

    /// <returns>Whether all of it was released.</returns>
    private async Task<bool> ReleaseAsync(IReadOnlyList<HeldKey> due, DateTimeOffset dueBy, CancellationToken stoppingToken)
    {
        var failed = 0;
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = stoppingToken },
            async (key, cancellationToken) =>
            {
                try
                {
                    await coalescer.ReleaseAsync(key, dueBy, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    Interlocked.Increment(ref failed);
                    logger.ReleaseFailed(key.Source, error.Message);
                }
            }).ConfigureAwait(false);
        return failed == 0;
    }

    private static TimeSpan Soonest(TimeSpan longest, TimeSpan quiet, TimeSpan? next)
    {
        var wait = quiet < longest ? quiet : longest;
        wait = next < wait ? next.Value : wait;

        // Due times are whole milliseconds.
        return wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait;
    }
}

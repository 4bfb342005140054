using HookGateway.Store;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Deliver;

/// <summary>
/// Keeps what gateways of one store know of destinations together: which are paused, and whose breakers are open. What one of them
/// finds the others know within a second. A store that one process has for itself leaves nothing to do.
/// </summary>
internal sealed class DestinationSharing(
    IEventStore store, Lanes lanes, DestinationPipelines pipelines, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ToTakeBack = TimeSpan.FromSeconds(1);

    private readonly WakeUp _signal = new(isSet: false);

    public override void Dispose()
    {
        base.Dispose();
        _signal.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (store.SharedDestinations is not { } shared)
            return;

        pipelines.BreakerChanged = _signal.Set;
        using var tick = time.CreateTimer(static signal => ((WakeUp)signal!).Set(), _signal, Every, Every);
        try
        {
            while (true)
            {
                try
                {
                    await lanes.ShareAsync(shared, stoppingToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    // The store's trouble is told by the store. A loop that fails would stop the whole gateway.
                }

                await _signal.WaitAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await TakeBackAsync(shared).ConfigureAwait(false);
        }
    }

    /// <summary>Who is gone tries no destination: others need not wait for it.</summary>
    private static async Task TakeBackAsync(ISharedDestinations shared)
    {
        try
        {
            using var limit = new CancellationTokenSource(ToTakeBack);
            await shared.ExchangeAsync([], limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // What it told lapses.
        }
    }
}

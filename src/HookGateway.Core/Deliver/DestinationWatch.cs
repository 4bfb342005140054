using HookGateway.Configuration;
using HookGateway.Observe;
using HookGateway.Store;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Deliver;

/// <summary>Keeps the gauges of the destinations fresh: asked of the store every few seconds, not at every scrape.</summary>
internal sealed class DestinationWatch(
    GatewayConfiguration configuration, IEventStore store, Lanes lanes, GatewayMetrics metrics, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private volatile IReadOnlyList<PendingDeliveries> _pending = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Watch(Read);
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                _pending = await store.PendingAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The store's trouble is told by the store; the gauges keep what they last knew. A loop that fails would stop
                // the whole gateway.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private IEnumerable<DestinationGauges> Read()
    {
        var now = time.GetUtcNow();
        var pending = _pending.ToDictionary(entry => entry.Destination);
        foreach (var name in configuration.Destinations.Select(destination => destination.Name).Union(pending.Keys))
        {
            var known = pending.GetValueOrDefault(name);
            var age = known?.Oldest is { } oldest && now > oldest ? now - oldest : TimeSpan.Zero;
            yield return new DestinationGauges(
                name, known?.Count ?? 0, age, known?.Dead ?? 0, lanes.BreakerState(name), lanes.Concurrency(name));
        }
    }
}

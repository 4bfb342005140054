using HookGateway.Events;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>Writes what came of deliveries, each partition's by itself.</summary>
internal sealed class Settler(RedisLink link, HeldLeases leases, RedisStoreOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private SettlementQueue[] _queues = [];

    public void Start() => _queues =
    [
        .. Enumerable.Range(0, link.Partitions.Count)
            .Select(partition => new SettlementQueue(partition, link, leases, time, logger, _closing.Token)),
    ];

    public void Settle(Settlement settlement) => _queues[EventAddress.Of(settlement.Delivery.Event.Id).Partition].Add(settlement);

    /// <summary>Gives back what is leased, and writes all that waits; not for longer than closing may take.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var delivery in leases.Deliveries)
            Settle(new Settlement { Delivery = delivery, State = DeliveryState.Pending });

        var written = Task.WhenAll(_queues.Select(queue => queue.WhenWrittenAsync()));
        await written.WaitAsync(options.CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closing.CancelAsync().ConfigureAwait(false);
        if (_queues.Sum(queue => queue.Count) is > 0 and var lost)
            StoreLog.SettlementsLost(logger, lost);

        _closing.Dispose();
    }
}

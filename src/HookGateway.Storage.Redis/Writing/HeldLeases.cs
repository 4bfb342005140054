using System.Collections.Concurrent;
using HookGateway.Events;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using EventId = HookGateway.Events.EventId;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>What this gateway has leased and not settled: renewed long before it runs out, for as long as the gateway lives.</summary>
internal sealed class HeldLeases(RedisLink link, RedisStoreOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private const int MostAtOnce = 256;

    private readonly ConcurrentDictionary<(EventId Event, int Ordinal), Held> _held = new();
    private ITimer? _timer;

    /// <summary>Everything that is held.</summary>
    public IEnumerable<Delivery> Deliveries => _held.Values.Select(held => held.Delivery);

    public void Start() => _timer = time.CreateTimer(_ => Renew(), null, options.Lease / 3, options.Lease / 3);

    public void Add(Delivery delivery) => _held[(delivery.Event.Id, delivery.Ordinal)] = new Held(delivery, time.GetTimestamp());

    /// <summary>It is settled. Unless it is leased again by now.</summary>
    public void Remove(Delivery delivery)
    {
        var key = (delivery.Event.Id, delivery.Ordinal);
        if (_held.TryGetValue(key, out var held) && held.Delivery.Lease == delivery.Lease)
            _held.TryRemove(KeyValuePair.Create(key, held));
    }

    /// <summary>Renews all there is, whenever that was last done.</summary>
    public Task RenewAllAsync() => RenewAsync(_held.Values);

    public void Dispose() => _timer?.Dispose();

    // The scripts are sent before this returns: whatever is asked for next comes after them.
    private void Renew()
    {
        if (link.Writable.IsOpen)
            _ = TryRenewAsync(_held.Values.Where(held => time.GetElapsedTime(held.Since) >= options.Lease / 4));
    }

    private async Task TryRenewAsync(IEnumerable<Held> held)
    {
        try
        {
            await RenewAsync(held).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            StoreLog.NotRenewed(logger, e);
        }
    }

    private Task RenewAsync(IEnumerable<Held> held) => Task.WhenAll(held
        .Select(one => one.Delivery)
        .GroupBy(delivery => EventAddress.Of(delivery.Event.Id).Partition)
        .SelectMany(partition => partition.Chunk(MostAtOnce).Select(some => RenewAsync(partition.Key, some))));

    private async Task RenewAsync(int partition, Delivery[] deliveries)
    {
        var arguments = new RedisValue[2 + (3 * deliveries.Length)];
        arguments[1] = (long)options.Lease.TotalMilliseconds;
        for (var i = 0; i < deliveries.Length; i++)
        {
            var at = 2 + (3 * i);
            arguments[at] = EventAddress.WriteId(deliveries[i].Event.Id);
            arguments[at + 1] = deliveries[i].Ordinal;
            arguments[at + 2] = deliveries[i].Lease.Epoch;
        }

        await link.RunAsync(RedisScript.Renew, partition, arguments).ConfigureAwait(false);
    }

    private sealed record Held(Delivery Delivery, long Since);
}

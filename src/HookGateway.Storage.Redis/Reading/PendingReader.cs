using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Storage.Redis.Writing;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Counts what destinations are owed.</summary>
internal sealed class PendingReader(RedisLink link, HeldLeases leases)
{
    public async Task<IReadOnlyList<PendingDeliveries>> ReadAsync()
    {
        // Those that were leased in their accept are in no index; each gateway knows its own.
        var held = leases.Deliveries.GroupBy(delivery => delivery.Destination)
            .ToDictionary(all => all.Key, all => all.Min(delivery => delivery.Event.ReceivedAt));
        var answers = await Task.WhenAll(Enumerable.Range(0, link.Partitions.Count)
            .Select(partition => link.RunAsync(RedisScript.Pending, partition, [RedisValue.EmptyString]))).ConfigureAwait(false);
        return
        [
            .. answers.SelectMany(answer => (RedisResult[])answer!)
                .Select(one => Read((RedisResult[])one!))
                .GroupBy(one => one.Destination)
                .Select(all => Sum(all.Key, all, held)),
        ];
    }

    private static PendingDeliveries Sum(string destination, IEnumerable<PendingDeliveries> all, Dictionary<string, DateTimeOffset> held)
    {
        var count = all.Sum(one => one.Count);
        var oldest = all.Min(one => one.Oldest);
        if (held.TryGetValue(destination, out var own) && !(oldest <= own))
            oldest = own;

        return new PendingDeliveries(destination, count, all.Sum(one => one.Dead), count == 0 ? null : oldest) { Blocked = all.Sum(one => one.Blocked) };
    }

    // name, owed, delivered, dead, purged, blocked, oldest
    private static PendingDeliveries Read(RedisResult[] counts)
    {
        var (owed, delivered, dead, purged) = ((long)counts[1], (long)counts[2], (long)counts[3], (long)counts[4]);
        var oldest = (byte[]?)counts[6] is { Length: > 0 } stored ? EventFormat.Read(stored, body: null).ReceivedAt : (DateTimeOffset?)null;
        return new PendingDeliveries((string)counts[0]!, owed - delivered - dead - purged, dead, oldest) { Blocked = (long)counts[5] };
    }
}

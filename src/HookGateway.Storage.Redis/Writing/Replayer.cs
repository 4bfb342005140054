using HookGateway.Events;
using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>Owes deliveries again, and lets go what waits behind dead ones.</summary>
internal sealed class Replayer(RedisLink link)
{
    /// <summary>The most that an event can have.</summary>
    public const int MostDeliveries = 4096;

    private const int Held = 3;
    private const int Superseded = 4;
    private const int BodyDropped = 5;
    private const int TooMany = 9;

    public async Task<ReplayResult> ReplayAsync(ReplayRequest request)
    {
        var address = EventAddress.Of(request.Id);
        if (address.Partition >= link.Partitions.Count)
            return new ReplayResult.NotFound();

        var result = await link.RunAsync(RedisScript.Replay, address.Partition,
        [
            RedisValue.EmptyString, address.Number, EventAddress.WriteId(request.Id), DeliveryFormat.WriteTrace(request.Trace),
            MostDeliveries, .. request.Destinations.Select(name => (RedisValue)name),
        ]).ConfigureAwait(false);
        if (result.IsNull)
            return new ReplayResult.NotFound();

        var answer = (RedisResult[])result!;
        return (int)answer[0] switch
        {
            Held => new ReplayResult.Held(),
            Superseded => new ReplayResult.Superseded(EventAddress.ReadId((byte[])answer[1]!)),
            BodyDropped => new ReplayResult.BodyDropped(),
            TooMany => new ReplayResult.TooMany(MostDeliveries),
            _ => new ReplayResult.Replayed([.. answer.Skip(1).Select(one => Read((RedisResult[])one!))]),
        };
    }

    public async Task ReleaseBlockedAsync(IReadOnlyCollection<string> destinations, CancellationToken cancellationToken)
    {
        for (var partition = 0; partition < link.Partitions.Count; partition++)
        {
            foreach (var destination in destinations)
            {
                while ((int)await link.RunAsync(RedisScript.Unblock, partition, [RedisValue.EmptyString, destination]).ConfigureAwait(false) == 1)
                    cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private static ReplayedDelivery Read(RedisResult[] replayed) => new((string)replayed[0]!, (int)replayed[1], (int)replayed[2] == 1);
}

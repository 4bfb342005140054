using System.Globalization;
using HookGateway.Events;
using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>
/// Leases what is due: asks all partitions what there is, shares out what each destination's lane has room for, the longest due first,
/// and takes it. One call at a time; between the two trips another gateway may have been faster, and then there is less.
/// </summary>
internal sealed class Leaser(RedisLink link, HeldLeases leases, RedisStoreOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task<IReadOnlyList<LeaseResult>> LeaseAsync(IReadOnlyList<LeaseRequest> requests, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var due = await PeekAsync(requests).ConfigureAwait(false);
            var shares = DueShares.Of(requests, due, link.Partitions.Count);
            var taken = await TakeAsync(requests, shares).ConfigureAwait(false);
            return [.. requests.Select((_, i) => new LeaseResult(taken[i], due.Count(i) > taken[i].Count, LookAgain(due.NextAt(i))))];
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    // What another gateway leaves due, nobody says.
    private DateTimeOffset? LookAgain(TimeSpan? next)
    {
        var wait = next < options.LookAgain || options.LookAgain == Timeout.InfiniteTimeSpan ? next : options.LookAgain;
        return time.GetUtcNow() + wait;
    }

    private async Task<DueDeliveries> PeekAsync(IReadOnlyList<LeaseRequest> requests)
    {
        var arguments = new List<RedisValue> { RedisValue.EmptyString };
        foreach (var request in requests)
            arguments.AddRange([request.Destination, request.Bulk ? 1 : 0, request.MaxCount + 1]);

        var answers = await Task.WhenAll(Enumerable.Range(0, link.Partitions.Count)
            .Select(partition => link.RunAsync(RedisScript.Peek, partition, [.. arguments]))).ConfigureAwait(false);
        return new DueDeliveries([.. answers.Select(answer => (RedisResult[])answer!)]);
    }

    private async Task<List<Delivery>[]> TakeAsync(IReadOnlyList<LeaseRequest> requests, DueShares shares)
    {
        var taken = requests.Select(_ => new List<Delivery>()).ToArray();
        var answers = shares.Partitions.Select(partition => TakeFromAsync(partition, requests, shares, taken)).ToArray();
        try
        {
            await Task.WhenAll(answers).ConfigureAwait(false);
        }
        catch (StoreException) when (answers.Any(answer => answer.IsCompletedSuccessfully))
        {
            // The partition that did not answer is asked again; what others gave would else wait for its leases to end.
        }

        foreach (var delivery in taken.SelectMany(all => all))
            leases.Add(delivery);

        return taken;
    }

    private async Task TakeFromAsync(int partition, IReadOnlyList<LeaseRequest> requests, DueShares shares, List<Delivery>[] taken)
    {
        var wanted = shares.In(partition);
        var arguments = new List<RedisValue> { RedisValue.EmptyString, (long)options.Lease.TotalMilliseconds };
        foreach (var (request, count, bytes) in wanted)
            arguments.AddRange([requests[request].Destination, requests[request].Bulk ? 1 : 0, count, bytes]);

        var given = (RedisResult[])(await link.RunAsync(RedisScript.Lease, partition, [.. arguments]).ConfigureAwait(false))!;
        for (var i = 0; i < given.Length; i++)
        {
            lock (taken)
                taken[wanted[i].Request].AddRange(((RedisResult[])given[i]!).Select(one => Read((RedisResult[])one!)));
        }
    }

    private static Delivery Read(RedisResult[] leased)
    {
        var delivery = DeliveryFormat.Read((string)leased[2]!);
        return new Delivery
        {
            Event = EventFormat.Read((byte[])leased[3]!, (byte[]?)leased[4]),
            Destination = delivery.Destination,
            Ordinal = (int)leased[1],
            Attempts = delivery.Attempts,
            Replay = delivery.Replay,
            Sequence = delivery.Sequence > 0 ? delivery.Sequence : null,
            Lease = new Lease((long)leased[0], delivery.Leases),
        };
    }
}

using HookGateway.Store;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>How many deliveries, and bytes of them, are taken from which partition for each request.</summary>
internal sealed class DueShares
{
    private readonly Dictionary<int, List<(int Request, int Count, long Bytes)>> _partitions = [];

    public IEnumerable<int> Partitions => _partitions.Keys;

    /// <summary>The longest due first, as many as there is room for; one where any is due.</summary>
    public static DueShares Of(IReadOnlyList<LeaseRequest> requests, DueDeliveries due, int partitions)
    {
        var shares = new DueShares();
        for (var i = 0; i < requests.Count; i++)
        {
            var (counts, bytes) = (new int[partitions], new long[partitions]);
            var (count, left) = (0, requests[i].MaxBytes);
            foreach (var (partition, size) in due.InOrder(i))
            {
                if (count == requests[i].MaxCount || (count > 0 && size > left))
                    break;

                count++;
                left -= size;
                counts[partition]++;
                bytes[partition] += size;
            }

            for (var partition = 0; partition < partitions; partition++)
            {
                if (counts[partition] > 0)
                    shares.Add(partition, (i, counts[partition], bytes[partition]));
            }
        }

        return shares;
    }

    public IReadOnlyList<(int Request, int Count, long Bytes)> In(int partition) => _partitions[partition];

    private void Add(int partition, (int Request, int Count, long Bytes) share)
    {
        if (!_partitions.TryGetValue(partition, out var all))
            _partitions[partition] = all = [];

        all.Add(share);
    }
}

using HookGateway.Events;
using HookGateway.Storage.Redis.Link;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Goes along the events of several partitions in the order of their ids.</summary>
internal sealed class EventWalk(RedisLink link, WalkRange range, IEnumerable<int> partitions)
{
    // A Guid compares as its digits do.
    private static readonly Comparer<EventId> OldestFirst = Comparer<EventId>.Create((a, b) => a.Value.CompareTo(b.Value));
    private static readonly Comparer<EventId> NewestFirst = Comparer<EventId>.Create((a, b) => b.Value.CompareTo(a.Value));

    private readonly PriorityQueue<PartitionWalk, EventId> _next = new(range.Upwards ? OldestFirst : NewestFirst);

    /// <summary>Whether another event follows.</summary>
    public bool HasMore => _next.Count > 0;

    /// <summary>Reads what comes first.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var walks = partitions.Select(partition => new PartitionWalk(link, partition, range)).ToList();
        await Task.WhenAll(walks.Select(walk => walk.FillAsync(cancellationToken))).ConfigureAwait(false);
        foreach (var walk in walks)
            Enqueue(walk);
    }

    /// <summary>Takes the next event, where one follows, and reads what comes after it.</summary>
    public async Task<ScannedEvent> TakeAsync(CancellationToken cancellationToken)
    {
        var walk = _next.Dequeue();
        var taken = walk.Take();
        await walk.FillAsync(cancellationToken).ConfigureAwait(false);
        Enqueue(walk);
        return taken;
    }

    private void Enqueue(PartitionWalk walk)
    {
        if (walk.First is { } first)
            _next.Enqueue(walk, first.Event.Id);
    }
}

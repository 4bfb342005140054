using System.Globalization;
using HookGateway.Events;
using HookGateway.Route;
using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Goes along a partition's events, the oldest first, and gives those that a bulk replay is for. Bodies are not read.</summary>
internal sealed class BulkReplayScan(RedisLink link)
{
    /// <summary>So many events are looked at for one page.</summary>
    private const int MostEvents = 4096;

    private const int MostAtOnce = 64;

    // What most events have at most; of the others the rest is asked for.
    private const int FirstDeliveries = 4;

    private static readonly RedisValue[] Fields =
        ["m", "p", "y", .. Enumerable.Range(0, FirstDeliveries).Select(ordinal => (RedisValue)ordinal)];

    private readonly ChunkWalk _chunks = new(link);

    /// <summary>Reads a page.</summary>
    /// <param name="request">What was asked for; the times are the caller's bounds.</param>
    /// <param name="at">Where it stands.</param>
    /// <param name="last">The last number to look at.</param>
    /// <param name="limit">At most so many events.</param>
    public async Task<(List<EventSummary> Found, BulkReplayCursor Next)> ReadAsync(
        BulkReplayRequest request, BulkReplayCursor at, long last, int limit)
    {
        var found = new List<EventSummary>();
        Glob? name = request.Filter.Event is { } pattern ? new Glob(pattern) : null;
        for (var looked = 0; looked < MostEvents && found.Count < limit;)
        {
            if (await _chunks.NextAsync(at.Partition, at.Number + 1, last).ConfigureAwait(false) is not { } chunk)
                return (found, at with { Number = last });

            var count = (int)Math.Min(MostAtOnce, chunk.Last - chunk.First + 1);
            var numbers = Enumerable.Range(0, count).Select(i => chunk.First + i);
            var events = await Task.WhenAll(numbers.Select(number => FindAsync(new EventAddress(at.Partition, number)))).ConfigureAwait(false);
            looked += count;
            for (var i = 0; i < count && found.Count < limit; i++)
            {
                at = at with { Number = chunk.First + i, Time = events[i] is { } one ? EventAddress.TimeOf(one.Id) : at.Time };
                if (events[i] is { } summary && IsWanted(summary, request, name))
                    found.Add(summary);
            }
        }

        return (found, at);
    }

    private static bool IsWanted(EventSummary found, BulkReplayRequest request, Glob? name)
    {
        var filter = request.Filter;
        return EventLister.IsWanted(filter, name, found.Source, found.Name, found.Key)
            && EventLister.IsWanted(filter, found)
            && (!request.OnlyDead || filter.Destination is null
                || found.Deliveries.Any(d => d.Destination == filter.Destination && d.State == DeliveryState.Dead));
    }

    /// <returns><see langword="null"/> where it is deleted.</returns>
    private async Task<EventSummary?> FindAsync(EventAddress address)
    {
        var key = link.Partitions.EventKey(address);
        var fields = await link.RunAsync(database => database.HashGetAsync(key, Fields)).ConfigureAwait(false);
        if (fields[0].IsNull || fields[1].IsNull)
            return null;

        var standing = ((string)fields[1]!).Split('|');
        var count = Number(standing[1]);
        var deliveries = fields.Skip(3).Take(count);
        if (count > FirstDeliveries)
        {
            RedisValue[] others = [.. Enumerable.Range(FirstDeliveries, count - FirstDeliveries).Select(ordinal => (RedisValue)ordinal)];
            deliveries = deliveries.Concat(await link.RunAsync(database => database.HashGetAsync(key, others)).ConfigureAwait(false));
        }

        // Whether its body is gone is seen by the step.
        return ScannedEvent.Summarize(
            EventFormat.Read((byte[])fields[0]!, body: null), (Disposition)Number(standing[0]), fields[2], Number(standing[2]), bodyDropped: false,
            deliveries.Where(d => !d.IsNull).Select(d => (string)d!));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

using HookGateway.Events;
using HookGateway.Route;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Lists events, the newest first. It goes along them, a bounded way each time.</summary>
internal sealed class EventLister(RedisLink link)
{
    // So many events are looked at for one page.
    private const int MostEvents = 10_000;

    public async Task<EventPage> ListAsync(EventFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var range = new WalkRange(Upwards: false, Cursor.Read(cursor, link.Partitions), filter.From, filter.To, WithDeliveries: true);
        var walk = new EventWalk(link, range, PartitionsOf(filter));
        await walk.BeginAsync(cancellationToken).ConfigureAwait(false);

        Glob? pattern = filter.Event is { } text ? new Glob(text) : null;
        var found = new List<EventSummary>();
        EventId last = default;
        for (var seen = 0; walk.HasMore && seen < MostEvents && found.Count < limit; seen++)
        {
            var next = await walk.TakeAsync(cancellationToken).ConfigureAwait(false);
            last = next.Event.Id;
            if (IsWanted(filter, pattern, next.Event.Source, next.Event.Name, next.Event.Key) && next.Summarize() is var summary && IsWanted(filter, summary))
                found.Add(summary);
        }

        return new EventPage(found, walk.HasMore ? Cursor.Write(last) : null);
    }

    // A key lies in one partition.
    private IEnumerable<int> PartitionsOf(EventFilter filter) => filter is { Source: { } source, Key: { } key }
        ? [link.Partitions.Of(source, key)]
        : Enumerable.Range(0, link.Partitions.Count);

    /// <summary>Whether an event meets a filter, by what never changes of it.</summary>
    public static bool IsWanted(EventFilter filter, Glob? pattern, string source, string name, string? key) =>
        (filter.Source is null || filter.Source == source)
        && (pattern is not { } glob || glob.Matches(name))
        && (filter.Key is null || filter.Key == key);

    /// <summary>Whether an event meets a filter, by where it and its deliveries stand.</summary>
    public static bool IsWanted(EventFilter filter, EventSummary summary) =>
        (filter.State is null || filter.State == summary.State)
        && (filter.Destination is null || summary.Deliveries.Any(delivery => delivery.Destination == filter.Destination));
}

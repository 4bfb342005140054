using HookGateway.Events;
using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Reads what a source sent of its keys, the oldest first. It goes along all events, a bounded way each time.</summary>
internal sealed class KeyedReader(RedisLink link)
{
    private const int MostEvents = 10_000;
    private const long MostBytes = 4 * 1024 * 1024;

    public async Task<KeyedEventPage> ReadAsync(
        string source, DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken cancellationToken)
    {
        var range = new WalkRange(Upwards: true, Cursor.Read(cursor, link.Partitions), from, until, WithDeliveries: false);
        var walk = new EventWalk(link, range, Enumerable.Range(0, link.Partitions.Count));
        await walk.BeginAsync(cancellationToken).ConfigureAwait(false);

        var wanted = new List<EventId>();
        EventId last = default;
        var bytes = 0L;
        for (var seen = 0; walk.HasMore && seen < MostEvents && bytes < MostBytes; seen++)
        {
            var next = await walk.TakeAsync(cancellationToken).ConfigureAwait(false);
            last = next.Event.Id;
            if (next.Event.Source != source || next.Event.Key is null)
                continue;

            wanted.Add(last);
            bytes += next.Event.Size + next.BodySize;
        }

        var found = await Task.WhenAll(wanted.Select(ReadAsync)).ConfigureAwait(false);
        return new KeyedEventPage([.. found.OfType<WebhookEvent>()], walk.HasMore ? Cursor.Write(last) : null);
    }

    /// <summary><see langword="null"/> where it was deleted meanwhile.</summary>
    private async Task<WebhookEvent?> ReadAsync(EventId id)
    {
        var fields = await link.RunAsync(
            database => database.HashGetAsync(link.Partitions.EventKey(EventAddress.Of(id)), ["m", "b"])).ConfigureAwait(false);
        return fields[0].IsNull ? null : EventFormat.Read((byte[])fields[0]!, (byte[]?)fields[1]);
    }
}

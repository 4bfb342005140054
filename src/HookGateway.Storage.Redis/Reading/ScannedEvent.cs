using System.Globalization;
using HookGateway.Events;
using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>An event as <c>scan.lua</c> gives it: without its body.</summary>
internal sealed class ScannedEvent
{
    private const int FirstDelivery = 4;

    private readonly RedisResult[] _fields;

    public ScannedEvent(RedisResult[] fields)
    {
        _fields = fields;
        Event = EventFormat.Read((byte[])fields[0]!, body: null);
    }

    /// <summary>What never changes of it.</summary>
    public WebhookEvent Event { get; }

    /// <summary>The size of its body, which may be gone.</summary>
    public int BodySize => EventFormat.ReadBodyLength((byte[])_fields[0]!);

    /// <summary>How it is listed. Where its deliveries were read as well.</summary>
    public EventSummary Summarize()
    {
        var disposition = (Disposition)int.Parse(((string)_fields[1]!).AsSpan(0, 1), CultureInfo.InvariantCulture);
        return Summarize(
            Event, disposition, (byte[])_fields[2]!, BodySize, bodyDropped: (int)_fields[3] == 0, _fields.Skip(FirstDelivery).Select(field => (string)field!));
    }

    /// <summary>How an event is listed.</summary>
    /// <param name="stored">What never changes of it.</param>
    /// <param name="disposition">How routing ended.</param>
    /// <param name="successor">The id of the event that went out in its place; none, or empty: nothing did.</param>
    /// <param name="bodySize">The size of its body.</param>
    /// <param name="bodyDropped">Whether that is gone.</param>
    /// <param name="texts">Its deliveries as they lie in Redis, by ordinal.</param>
    public static EventSummary Summarize(
        WebhookEvent stored, Disposition disposition, byte[]? successor, long bodySize, bool bodyDropped, IEnumerable<string> texts)
    {
        DeliverySummary[] deliveries = [.. texts.Select(Read)];
        return new EventSummary
        {
            Id = stored.Id,
            Source = stored.Source,
            Name = stored.Name,
            SourceId = stored.SourceId,
            Key = stored.Key,
            ReceivedAt = stored.ReceivedAt,
            State = EventStanding.Of(disposition, deliveries.Select(delivery => delivery.State)),
            Origin = stored.Origin,
            SupersededBy = successor is { Length: > 0 } ? EventAddress.ReadId(successor) : null,
            Trace = stored.Trace,
            BodySize = bodySize,
            BodyDropped = bodyDropped,
            Deliveries = deliveries,
        };
    }

    private static DeliverySummary Read(string text)
    {
        var delivery = DeliveryFormat.Read(text);
        return new DeliverySummary(delivery.Destination, delivery.State, delivery.Attempts, delivery.Replay is not null);
    }
}

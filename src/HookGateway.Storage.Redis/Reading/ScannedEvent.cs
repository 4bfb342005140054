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
        var deliveries = _fields.Skip(FirstDelivery).Select(field => DeliveryFormat.Read((string)field!)).ToList();
        return new EventSummary
        {
            Id = Event.Id,
            Source = Event.Source,
            Name = Event.Name,
            SourceId = Event.SourceId,
            Key = Event.Key,
            ReceivedAt = Event.ReceivedAt,
            State = EventStanding.Of(disposition, deliveries.Select(delivery => delivery.State)),
            Origin = Event.Origin,
            SupersededBy = (byte[])_fields[2]! is { Length: > 0 } successor ? EventAddress.ReadId(successor) : null,
            Trace = Event.Trace,
            BodySize = BodySize,
            BodyDropped = (int)_fields[3] == 0,
            Deliveries =
            [
                .. deliveries.Select(delivery => new DeliverySummary(
                    delivery.Destination, delivery.State, delivery.Attempts, delivery.Replay is not null)),
            ],
        };
    }
}

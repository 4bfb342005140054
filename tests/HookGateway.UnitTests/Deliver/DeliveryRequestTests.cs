using System.Diagnostics;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

public sealed class DeliveryRequestTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_760_000_000);
    private static readonly DestinationConfiguration Plain = new() { Name = "d", Url = new Uri("http://d.example/hook?x=1") };

    [Fact]
    public void Create_AnyEvent_CarriesTheContractsHeaders()
    {
        var delivery = LaneTests.NewDelivery();
        var named = With(delivery, delivery.Event with
        {
            Id = new EventId(Guid.Parse("0198c0de-0000-7000-8000-000000000001")),
            SourceId = "their-id",
            ContentType = "application/json; charset=utf-8",
        });

        using var request = DeliveryRequest.Create(Plain, Plain.Url, named, attempt: 3, Now, span: null);

        Assert.Equal("0198c0de-0000-7000-8000-000000000001", Header(request, "webhook-id"));
        Assert.Equal("1760000000", Header(request, "webhook-timestamp"));
        Assert.Equal("sr.created", Header(request, "X-HookGateway-Event"));
        Assert.Equal("s", Header(request, "X-HookGateway-Source"));
        Assert.Equal("3", Header(request, "X-HookGateway-Attempt"));
        Assert.Equal("their-id", Header(request, "X-HookGateway-Source-Id"));
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$", Header(request, "traceparent"));
        Assert.Equal("application/json; charset=utf-8", request.Content!.Headers.NonValidated["Content-Type"].ToString());
    }

    [Fact]
    public void Create_Ordered_CarriesItsSequence()
    {
        var delivery = LaneTests.NewDelivery();
        var ordered = new Delivery
        {
            Event = delivery.Event,
            Destination = "d",
            Ordinal = 0,
            Attempts = 0,
            Lease = delivery.Lease,
            Sequence = 1_234_567,
        };

        using var plain = DeliveryRequest.Create(Plain, Plain.Url, delivery, 1, Now, null);
        using var sequenced = DeliveryRequest.Create(Plain, Plain.Url, ordered, 1, Now, null);

        Assert.False(plain.Headers.NonValidated.Contains("X-HookGateway-Sequence"));
        Assert.Equal("1234567", Header(sequenced, "X-HookGateway-Sequence"));
    }

    [Fact]
    public void Create_Replay_IsMarkedAndBelongsToTheReplaysTrace()
    {
        var delivery = LaneTests.NewDelivery();
        var trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: false);
        var replay = new Delivery
        {
            Event = delivery.Event,
            Destination = "d",
            Ordinal = 0,
            Attempts = 1,
            Lease = delivery.Lease,
            Replay = new Replay(1, trace),
        };

        using var first = DeliveryRequest.Create(Plain, Plain.Url, delivery, 1, Now, null);
        using var again = DeliveryRequest.Create(Plain, Plain.Url, replay, 2, Now, null);

        Assert.False(first.Headers.NonValidated.Contains("X-HookGateway-Replay"));
        Assert.Equal("true", Header(again, "X-HookGateway-Replay"));
        Assert.Contains(trace.TraceId.ToString(), Header(again, "traceparent"), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ConfiguredHeaders_WinOverTheGatewaysOwn()
    {
        var destination = Plain with
        {
            Headers = [new("Authorization", "Bearer x"), new("Content-Type", "text/plain"), new("X-HookGateway-Source", "other")],
        };

        using var request = DeliveryRequest.Create(destination, destination.Url, LaneTests.NewDelivery(), 1, Now, null);

        Assert.Equal("Bearer x", Header(request, "Authorization"));
        Assert.Equal("other", Header(request, "X-HookGateway-Source"));
        Assert.Equal("text/plain", request.Content!.Headers.NonValidated["Content-Type"].ToString());
    }

    [Theory]
    [InlineData("a\r\nX-Evil: 1")]
    [InlineData("a\0b")]
    [InlineData("a\u007fb")]
    public void Create_ControlCharactersInAnId_CannotEndTheHeader(string id)
    {
        var delivery = LaneTests.NewDelivery();

        using var request = DeliveryRequest.Create(
            Plain, Plain.Url, With(delivery, delivery.Event with { SourceId = id }), 1, Now, null);

        Assert.DoesNotContain(Header(request, "X-HookGateway-Source-Id"), character => char.IsControl(character));
        Assert.Equal(id, Uri.UnescapeDataString(Header(request, "X-HookGateway-Source-Id")));
    }

    private static string Header(HttpRequestMessage request, string name) => request.Headers.NonValidated[name].ToString();

    private static Delivery With(Delivery delivery, WebhookEvent webhookEvent) => new()
    {
        Event = webhookEvent,
        Destination = delivery.Destination,
        Ordinal = delivery.Ordinal,
        Attempts = delivery.Attempts,
        Lease = delivery.Lease,
    };
}

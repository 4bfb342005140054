using HookGateway.Deliver.Outbound;
using HookGateway.Events;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.UnitTests.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HookGateway.UnitTests.Deliver.Outbound;

public sealed class ForwardedHeadersTests
{
    private static readonly HeaderDictionary Sent = new()
    {
        ["X-Request-Id"] = "r1",
        ["X-Trace-Of"] = "t1",
        ["X-Twice"] = new(["a", "b"]),
        ["X-Signature"] = "v1=proof",
        ["X-Time"] = "1",
        ["Authorization"] = "Bearer sender",
        ["Cookie"] = "c",
        ["Connection"] = "close, x-hop",
        ["X-Hop"] = "hop",
        ["Keep-Alive"] = "1",
        ["Host"] = "gateway",
        ["Content-Type"] = "text/plain",
        ["webhook-id"] = "theirs",
        ["X-HookGateway-Source"] = "forged",
        ["traceparent"] = "00-0",
    };

    [Theory]
    [InlineData("[X-Request-Id]", "X-Request-Id=r1")]
    [InlineData("[x-request-id, X-None]", "X-Request-Id=r1")]
    [InlineData("[X-Tr*]", "X-Trace-Of=t1")]
    [InlineData("[\"x-t*\"]", "X-Trace-Of=t1 X-Twice=a X-Twice=b")]
    [InlineData("[\"*\"]", "X-Request-Id=r1 X-Trace-Of=t1 X-Twice=a X-Twice=b")]
    [InlineData("[\"*\", Authorization]", "X-Request-Id=r1 X-Trace-Of=t1 X-Twice=a X-Twice=b Authorization=Bearer sender")]
    [InlineData("[X-Signature, X-Time, cookie]", "X-Signature=v1=proof X-Time=1 Cookie=c")]
    [InlineData("[X-Hop]", "")]
    [InlineData("[]", "")]
    public void Keep_Patterns_TakeWhatTheyNameAndNoProofByChance(string patterns, string expected)
    {
        var headers = Of($"{{ url: \"http://a\", forwardHeaders: {patterns} }}", "{ url: \"http://b\" }");

        var kept = headers.Keep("crm", Sent, ["one", "two"]);

        Assert.Equal(expected, string.Join(' ', kept.Select(header => $"{header.Key}={header.Value}")));
        Assert.Empty(headers.Keep("crm", Sent, ["two"]));
    }

    [Fact]
    public async Task Send_WithATemplate_ItSeesWhatItsDestinationAsksForAndNoMore()
    {
        using var files = new TemporaryDirectory();
        var template = files.Write("t.liquid", "{{ headers.X-Request-Id }}|{{ headers.X-Trace-Of }}");
        await using var downstream = await Receiver.StartAsync();
        await using var outbox = Outbox.To(downstream.Url.Port, more: $"template: {template}\nforwardHeaders: [X-Request-Id]");
        var delivery = LaneTests.NewDelivery();
        var kept = delivery.Event with { Headers = [new("X-Request-Id", "r1"), new("X-Trace-Of", "another destination's")] };

        await outbox.SendAsync(new Delivery { Event = kept, Destination = "jira", Ordinal = 0, Attempts = 0, Lease = delivery.Lease });

        Assert.Equal("r1|"u8.ToArray(), Assert.Single(downstream.Arrivals).Body);
    }

    [Fact]
    public void For_SeveralDestinations_EachGetsItsOwn()
    {
        var headers = Of(
            "{ url: \"http://a\", forwardHeaders: [X-Request-Id, Authorization] }", "{ url: \"http://b\", forwardHeaders: [\"*\"] }");
        var kept = headers.Keep("crm", Sent, ["one", "two"]);
        var stored = LaneTests.NewDelivery().Event with { Source = "crm", Headers = kept };

        Assert.Equal(["X-Request-Id", "Authorization"], headers.For("one", stored).Select(header => header.Key));
        Assert.Equal(["X-Request-Id", "X-Trace-Of", "X-Twice", "X-Twice"], headers.For("two", stored).Select(header => header.Key));
        Assert.Empty(headers.For("three", stored));
    }

    [Fact]
    public void Keep_MoreThanTheLimit_KeepsWhatFits()
    {
        var headers = Of("{ url: \"http://a\", forwardHeaders: [\"*\"] }", "{ url: \"http://b\" }");
        var sent = new HeaderDictionary { ["X-A"] = "1", ["X-B"] = new string('b', ForwardedHeaders.MostCharacters), ["X-C"] = "3" };

        Assert.Equal("X-A", Assert.Single(headers.Keep("crm", sent, ["one"])).Key);
    }

    [Fact]
    public async Task Send_KeptHeaders_ArriveAndTheGatewaysOwnStay()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var outbox = Outbox.To(receiver.Url.Port, more: "forwardHeaders: [\"*\"]\nheaders: { X-Set: ours }");
        var delivery = LaneTests.NewDelivery();
        delivery = new Delivery
        {
            Event = delivery.Event with
            {
                Source = "crm",
                Headers = [new("X-Request-Id", "r1"), new("X-Twice", "a"), new("X-Twice", "b"), new("X-Set", "theirs"), new("Content-Language", "de")],
            },
            Destination = "jira",
            Ordinal = 0,
            Attempts = 0,
            Lease = delivery.Lease,
        };

        await outbox.SendAsync(delivery);

        var arrival = Assert.Single(receiver.Arrivals);
        Assert.Equal(("r1", "ours", "de", "crm"),
            (arrival.Header("X-Request-Id"), arrival.Header("X-Set"), arrival.Header("Content-Language"), arrival.Header("X-HookGateway-Source")));
        Assert.Equal("a, b", arrival.Header("X-Twice")!.Replace(",b", ", b", StringComparison.Ordinal));
    }

    private static ForwardedHeaders Of(string one, string two) => new(
        Given.Configuration($$"""
            sources:
              crm:
                verify: { hmac: { header: X-Signature, content: "{timestamp}.{body}", timestamp: header:X-Time } }
                secrets: s3cret
                event: type
            destinations:
              one: {{one}}
              two: {{two}}
            routes: [{ source: crm, to: [one, two] }]
            """),
        NullLogger<ForwardedHeaders>.Instance);
}

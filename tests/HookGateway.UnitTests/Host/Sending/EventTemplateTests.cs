using System.Text;
using System.Text.Json.Nodes;
using HookGateway.Configuration;
using HookGateway.Host.Sending;
using Xunit;

namespace HookGateway.UnitTests.Host.Sending;

public sealed class EventTemplateTests
{
    private static readonly SourceConfiguration InTheBody = Source("eventName", "id");
    private static readonly SourceConfiguration InHeaders = Source("header:X-GitHub-Event", "header:X-GitHub-Delivery");

    [Fact]
    public void Sample_WithNameAndId_CarriesThem()
    {
        var body = Parse(EventTemplate.Sample(InTheBody).Make("sr.updated", "7"));

        Assert.Equal(("sr.updated", "7", 148), ((string?)body["eventName"], (string?)body["id"], (int?)body["srId"]));
        Assert.Equal("id", body.First().Key);
    }

    [Fact]
    public void Sample_WithoutAName_IsACreatedRecord()
    {
        Assert.Equal("sr.created", (string?)Parse(EventTemplate.Sample(InTheBody).Make(null, "7"))["eventName"]);
    }

    [Fact]
    public void Sample_WhereNameAndIdAreHeaders_CarriesThemThere()
    {
        var made = EventTemplate.Sample(InHeaders).Make("push", "7");

        Assert.Equal([new("X-GitHub-Delivery", "7"), new("X-GitHub-Event", "push")], made.Headers);
        Assert.Equal("7", made.Id);
    }

    [Fact]
    public void Body_OfTheUser_WithNothingToSet_GoesOutByteForByte()
    {
        var body = Encoding.UTF8.GetBytes(" { \"b\" : 1,\t\"eventName\":\"x\" } \n");

        Assert.Equal(body, EventTemplate.Of(InTheBody, body).Make(null, null).Body);
    }

    [Fact]
    public void Body_OfTheUser_WhereNameAndIdAreHeaders_GoesOutByteForByte()
    {
        var body = Encoding.UTF8.GetBytes(" { } ");

        Assert.Equal(body, EventTemplate.Of(InHeaders, body).Make("push", "7").Body);
    }

    [Fact]
    public void Body_OfTheUser_WithAnId_KeepsTheRest()
    {
        var body = Encoding.UTF8.GetBytes("""{"a":"<ü>","id":"old"}""");

        var made = Parse(EventTemplate.Of(InTheBody, body).Make(null, "new"));

        Assert.Equal(("<ü>", "new"), ((string?)made["a"], (string?)made["id"]));
    }

    [Fact]
    public void Faults_WhereThePlaceIsNoPlainProperty_SaySo()
    {
        var template = EventTemplate.Of(Source("data[0].type", "data.id"), "{}"u8.ToArray());

        Assert.NotNull(template.EventFault());
        Assert.NotNull(template.IdFault());
    }

    [Fact]
    public void Faults_WhereTheBodyIsNoObject_SaySo()
    {
        Assert.NotNull(EventTemplate.Of(InTheBody, "no json"u8.ToArray()).EventFault());
        Assert.Null(EventTemplate.Of(InHeaders, "no json"u8.ToArray()).EventFault());
    }

    private static JsonObject Parse(OutgoingEvent made) => JsonNode.Parse(made.Body)!.AsObject();

    private static SourceConfiguration Source(string eventExpression, string id) => new()
    {
        Name = "s",
        Path = "/hooks/s",
        Verify = new VerifyConfiguration.None(),
        Event = eventExpression,
        Id = [id],
    };
}

using System.Text;
using HookGateway.Configuration;
using HookGateway.Store;
using HookGateway.Verify;
using Xunit;
using static HookGateway.UnitTests.Verify.Requests;

namespace HookGateway.UnitTests.Verify;

public sealed class DedupeTests
{
    private static readonly SourceConfiguration Plain = Source(new VerifyConfiguration.None()) with { Event = "'t'" };

    [Fact]
    public void Event_WithAnId_IsKnownByIt()
    {
        var reader = new EventReader(Plain with { Id = ["id", "other"] });

        Assert.Equal(DedupeKey.OfId("crm", "7"), Key(reader, """{"id":7,"other":8}"""));
        Assert.Equal(DedupeKey.OfId("crm", "8"), Key(reader, """{"id":null,"other":"8"}"""));
    }

    [Theory]
    [InlineData("""{"id":""}""")]
    [InlineData("""{"id":null}""")]
    [InlineData("""{"id":{"a":1}}""")]
    [InlineData("{}")]
    public void Event_WithoutAnId_IsKnownByItsWholeBody(string body) =>
        Assert.Equal(
            DedupeKey.OfContent("crm", Encoding.UTF8.GetBytes(body)), Key(new EventReader(Plain with { Id = ["id"] }), body));

    [Fact]
    public void DedupeId_GoesBeforeTheSourcesId_AndLeavesItAlone()
    {
        var reader = new EventReader(Plain with { Id = ["id"], Dedupe = new() { Id = ["none", "sequence"] } });

        var result = Assert.IsType<IdentifyResult.Identified>(reader.Identify(Request("""{"id":"a","sequence":"b"}""")));

        Assert.Equal("a", result.SourceId);
        Assert.Equal(DedupeKey.OfId("crm", "b"), result.DedupeKey);
        Assert.Equal(DedupeKey.OfId("crm", "a"), Key(reader, """{"id":"a"}"""));
    }

    [Fact]
    public void JoinedIds_AreTheSameOnlyWhereEachIsTheSame()
    {
        var reader = new EventReader(Plain with { Id = ["id"], Dedupe = new() { Id = ["a", "b", "c"], JoinAll = true } });
        string[] bodies =
        [
            """{"a":"1","b":"2","c":"3"}""", """{"a":"12","b":"","c":"3"}""", """{"a":"1","b":"23"}""", """{"a":"1","c":"23"}""",
            """{"b":"1","c":"23"}""", """{"a":"1:23"}""", """{"a":"-"}""", """{"b":"-"}""", """{"a":"1-"}""", """{"id":"1"}""",
        ];

        var keys = bodies.Select(body => Key(reader, body)).ToArray();

        Assert.Equal(bodies.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], Key(reader, """{"c":3,"id":"x","b":2,"a":1}"""));
        Assert.Equal(DedupeKey.OfId("crm", "1"), keys[^1]);
    }

    private static DedupeKey Key(EventReader reader, string body) =>
        Assert.IsType<IdentifyResult.Identified>(reader.Identify(Request(body))).DedupeKey;
}

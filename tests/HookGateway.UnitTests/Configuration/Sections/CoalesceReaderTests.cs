using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class CoalesceReaderTests
{
    private const string Source = "verify: none\nevent: type\nkey: id\n";

    [Fact]
    public void Coalesce_EverythingGiven_IsRead()
    {
        var coalesce = Read(
            "coalesce: { events: [a, 'b.*'], complete: version, quiet: 5s, max: 1m, updates: { list: data.changes, field: f, value: v.new, timestamp: 't[0]' } }");

        Assert.Equal(["a", "b.*"], coalesce.Events);
        Assert.Equal(("version", 5, 60), (coalesce.Complete, coalesce.Quiet.TotalSeconds, coalesce.Max.TotalSeconds));
        Assert.Equal(new UpdatesConfiguration { List = "data.changes", Field = "f", Value = "v.new", Timestamp = "t[0]" }, coalesce.Updates);
    }

    [Fact]
    public void Coalesce_OnlyEventsGiven_TakesSysAidsShape()
    {
        var coalesce = Read("coalesce: { events: sr.updated }");

        Assert.Equal((null, 2, 10), (coalesce.Complete, coalesce.Quiet.TotalMinutes, coalesce.Max.TotalMinutes));
        Assert.Equal(
            new UpdatesConfiguration { List = "updates", Field = "fieldName", Value = "currentValue", Timestamp = "timestamp" }, coalesce.Updates);
    }

    [Fact]
    public void Coalesce_OfAPreset_HasItsKey() => Assert.NotNull(Given.Configuration(
        Given.Source("preset: sysaid\nsecrets: s\ncoalesce: { events: sr.updated }")).Sources[0].Coalesce);

    [Theory]
    [InlineData("coalesce: {}", "6:5: sources.crm.coalesce: needs events: an event's name, in which * stands for any characters")]
    [InlineData("coalesce: { events: [] }", "6:25: sources.crm.coalesce.events: needs at least one: an event's name, in which * stands for any characters")]
    [InlineData("coalesce: { events: a, quiet: 99ms }", "6:35: sources.crm.coalesce.quiet: expected a duration from 100ms to 1h, such as 500ms, 10s, 5m, 24h or 7d, not '99ms'")]
    [InlineData("coalesce: { events: a, max: 25h }", "6:33: sources.crm.coalesce.max: expected a duration from 100ms to 1d, such as 500ms, 10s, 5m, 24h or 7d, not '25h'")]
    [InlineData("coalesce: { events: a, max: 1m }", "6:33: sources.crm.coalesce.max: shorter than quiet, 2m: what is held would never wait for that")]
    [InlineData("coalesce: { events: a, updates: { list: 'a[*]' } }", "6:45: sources.crm.coalesce.updates.list: expected a plain path of names and indexes, such as updates or data.changes[0], not 'a[*]'")]
    [InlineData("coalesce: { events: a, updates: { name: a } }", "6:39: sources.crm.coalesce.updates: unknown key 'name'; known: field, list, timestamp, value")]
    public void Coalesce_Wrong_IsAFaultAtItsPlace(string line, string fault) =>
        Assert.Equal([fault], Given.Faults(Given.Source(Source + line)));

    [Fact]
    public void Coalesce_WithoutAKey_IsAFault() => Assert.Equal(
        ["5:15: sources.crm.coalesce: needs the source's key: what an event is about, such as srId"],
        Given.Faults(Given.Source("verify: none\nevent: type\ncoalesce: { events: a }")));

    [Fact]
    public void Coalesce_SourceIsPassedOn_IsAFault() => Assert.Equal(
        ["6:15: sources.crm.coalesce: 'route-1' passes its requests on at once (mode: proxy), and held events cannot wait there"],
        Given.Faults(Given.Source(Source + "coalesce: { events: a }").Replace("to: jira", "mode: proxy, to: jira", StringComparison.Ordinal)));

    private static CoalesceConfiguration Read(string line) => Given.Configuration(Given.Source(Source + line)).Sources[0].Coalesce!;
}

using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class ReconcileReaderTests
{
    private const string Api = "api: { url: https://acme.sysaidit.com/connect/v1, account: acme, clientId: c, clientSecret: s }";

    [Fact]
    public void Reconcile_Empty_HasTheDefaults() => Assert.Equivalent(
        new ReconcileConfiguration
        {
            Interval = TimeSpan.FromMinutes(10),
            Grace = TimeSpan.FromMinutes(5),
            Overlap = TimeSpan.FromMinutes(10),
            Tolerance = TimeSpan.FromSeconds(2),
            From = null,
            Fields = [],
            Compare = [],
            Id = "id",
            UpdateTime = "updateTime",
            Event = "sr.updated",
        },
        Read("{}"),
        strict: true);

    [Fact]
    public void Reconcile_Whole_IsRead() => Assert.Equivalent(
        new ReconcileConfiguration
        {
            Interval = TimeSpan.FromMinutes(1),
            Grace = TimeSpan.FromSeconds(30),
            Overlap = TimeSpan.FromHours(1),
            Tolerance = TimeSpan.FromMilliseconds(500),
            From = new DateTimeOffset(2026, 1, 31, 7, 0, 0, TimeSpan.Zero),
            Fields = ["title", "status"],
            Compare = [KeyValuePair.Create("title", "title"), KeyValuePair.Create("sr_status", "Status of it")],
            Id = "srId",
            UpdateTime = "modify_time",
            Event = "sr.missed",
        },
        Read("{ interval: 1m, grace: 30s, overlap: 1h, tolerance: 500ms, from: \"2026-01-31T08:00:00+01:00\", fields: [title, status, title], "
            + "compare: { title: title, sr_status: Status of it, notes: ~ }, id: srId, updateTime: modify_time, event: sr.missed }"),
        strict: true);

    [Fact]
    public void From_Now_IsTheDefault() => Assert.Null(Read("{ from: now }").From);

    [Fact]
    public void Source_WithoutReconcile_HasNone() =>
        Assert.Null(Given.Configuration(Given.Source("verify: none\nevent: type")).Sources[0].Reconcile);

    [Theory]
    [InlineData("interval: 10ms", "interval: expected a duration from 1s to 7d")]
    [InlineData("grace: 2d", "grace: expected a duration from 1s to 1d")]
    [InlineData("overlap: 0s", "overlap: expected a duration from 1s to 1d")]
    [InlineData("tolerance: 1h", "tolerance: expected a duration from 1ms to 10m")]
    [InlineData("from: yesterday", "from: expected now, or a time such as 2026-01-31T08:00:00Z, not 'yesterday'")]
    [InlineData("from: 1/2/2026", "from: expected now, or a time such as 2026-01-31T08:00:00Z")]
    [InlineData("fields: [\"a&b\"]", "fields: expected the name of a field: letters, digits and _")]
    [InlineData("compare: [title]", "compare: expected a mapping")]
    [InlineData("compare: { a-b: title }", "compare: 'a-b' is not the name of a field: letters, digits and _")]
    [InlineData("compare: { title: \"\" }", "compare.title: expected a field's name in webhooks, of 1 to 200 characters")]
    [InlineData("compare: { title: [a] }", "compare.title: expected")]
    [InlineData("id: a.b", "id: expected the name of a field: letters, digits and _")]
    [InlineData("updateTime: \"\"", "updateTime: expected the name of a field: letters, digits and _")]
    [InlineData("event: \"\"", "event: expected an event's name of 1 to 200 characters")]
    [InlineData("intervall: 1m", "unknown key 'intervall'; did you mean 'interval'?")]
    public void Reconcile_Wrong_IsAFaultAtItsPlace(string setting, string fault)
    {
        var told = Assert.Single(Given.Faults(Given.Source($"verify: none\nevent: type\nkey: id\n{Api}\nreconcile: {{ {setting} }}")));

        Assert.StartsWith("7:", told, StringComparison.Ordinal);
        Assert.Contains(fault, told, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_MoreFieldsThanItMay_IsAFault()
    {
        static string Compared(int fields) => $"{{ compare: {{ {string.Join(", ", Enumerable.Range(0, fields).Select(i => $"f{i}: f"))} }} }}";

        Assert.Equal(50, Read(Compared(50)).Compare.Count);
        Assert.Contains(
            "more than 50 fields",
            Assert.Single(Given.Faults(Given.Source($"verify: none\nevent: type\nkey: id\n{Api}\nreconcile: {Compared(51)}"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Reconcile_WithoutWhatItNeeds_SaysSo() => Assert.Equal(
        [
            "5:16: sources.crm.reconcile: needs api beside it: where the changes are looked for",
            "5:16: sources.crm.reconcile: needs key beside it: which record an event is about",
        ],
        Given.Faults(Given.Source("verify: none\nevent: type\nreconcile: {}")));

    [Fact]
    public void Overlap_LongerThanDuplicatesAreKnown_IsAFault()
    {
        var told = Assert.Single(Given.Faults(Given.Source(
            $"verify: none\nevent: type\nkey: id\n{Api}\ndedupe: {{ window: 15m }}\nreconcile: {{}}")));

        Assert.Contains("reconcile: overlap and interval together are longer than dedupe.window", told, StringComparison.Ordinal);
    }

    private static ReconcileConfiguration Read(string reconcile) =>
        Given.Configuration(Given.Source($"verify: none\nevent: type\nkey: id\n{Api}\nreconcile: {reconcile}")).Sources[0].Reconcile!;
}

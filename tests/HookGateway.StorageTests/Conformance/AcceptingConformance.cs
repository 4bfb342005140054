using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>What accepted means: the event, its mark and what it owes are there, whatever happens next.</summary>
public abstract class AcceptingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task Accept_Reopened_EventIsThereByteForByte()
    {
        var request = Request(to: ["jira", "slack"], bodySize: 100_000);
        var accepted = await AcceptAsync(request);
        await ReopenAsync();

        var found = await FindAsync(accepted.Event.Id);

        Assert.Equal(request.Event.Body.ToArray(), found.Event.Body.ToArray());
        Assert.Equal(request.Event with { Id = accepted.Event.Id, Body = default }, found.Event with { Body = default });
        Assert.Equal(Disposition.Routed, found.Disposition);
        Assert.Equal(["jira", "slack"], found.Deliveries.Select(d => d.Destination));
        Assert.All(found.Deliveries, d => Assert.Equal(DeliveryState.Pending, d.State));
    }

    [Fact]
    public async Task Accept_NothingOptional_IsStoredAsItCame()
    {
        var request = Request(to: []);
        request = request with { Event = request.Event with { SourceId = null, Key = null, ContentType = null, Body = default } };

        var accepted = await AcceptAsync(request);
        var found = await FindAsync(accepted.Event.Id);

        Assert.Null(found.Event.SourceId);
        Assert.Null(found.Event.Key);
        Assert.Null(found.Event.ContentType);
        Assert.Equal(0, found.Event.Body.Length);
        Assert.Equal(Disposition.Unrouted, found.Disposition);
        Assert.Empty(found.Deliveries);
    }

    [Fact]
    public async Task Accept_TextOfAnyKind_IsStoredAsItCame()
    {
        const string Strange = "a\0b é \U0001F600 \u2028";
        var request = Request();
        request = request with { Event = request.Event with { Name = Strange, SourceId = "", Key = Strange, ContentType = "" } };

        var accepted = await AcceptAsync(request);
        var found = (await FindAsync(accepted.Event.Id)).Event;

        Assert.Equal((Strange, "", Strange, ""), (found.Name, found.SourceId, found.Key, found.ContentType));
    }

    [Fact]
    public async Task Accept_Headers_AreThereWhereverTheEventIsRead()
    {
        KeyValuePair<string, string>[] headers = [new("X-A", "1"), new("x-a", "é \"two\"\\"), new("X-B", "")];
        var request = Request(lease: false);
        var accepted = await AcceptAsync(request with { Event = request.Event with { Headers = headers } });
        await ReopenAsync();

        Assert.Equal(headers, (await FindAsync(accepted.Event.Id)).Event.Headers);
        Assert.Equal(headers, Assert.Single((await LeaseAsync()).Deliveries).Event.Headers);
    }

    [Fact]
    public async Task Accept_SomeLeased_GivesThoseInOrder()
    {
        var request = Request() with { Deliveries = [new("a", Lease: true), new("b", Lease: false), new("c", Lease: true)] };

        var accepted = await AcceptAsync(request);

        Assert.Equal(["a", "c"], accepted.Leased.Select(d => d.Destination));
        Assert.Equal([0, 2], accepted.Leased.Select(d => d.Ordinal));
        Assert.All(accepted.Leased, d => Assert.Equal(accepted.Event.Id, d.Event.Id));
        Assert.All(accepted.Leased, d => Assert.Equal(0, d.Attempts));
        Assert.Equal("b", Assert.Single((await LeaseAsync("b")).Deliveries).Destination);
    }

    [Fact]
    public async Task Accept_ManyAtOnce_IdsAreUniqueAndAllAreFound()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => AcceptAsync(Request($"e{i}"))));

        Assert.Equal(500, results.Select(r => r.Event.Id).Distinct().Count());
        foreach (var result in results)
            Assert.Equal(result.Event.SourceId, (await FindAsync(result.Event.Id)).Event.SourceId);
    }

    [Fact]
    public async Task Accept_ClockGoesBack_IdsGoOnRising()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Add((await AcceptAsync(Request($"a{i}"))).Event.Id.ToString());

        Time.AdjustTime(Time.GetUtcNow().AddHours(-5));
        ids.Add((await AcceptAsync(Request("b"))).Event.Id.ToString());
        await ReopenAsync();
        ids.Add((await AcceptAsync(Request("c"))).Event.Id.ToString());
        Time.Advance(TimeSpan.FromDays(1));
        ids.Add((await AcceptAsync(Request("d"))).Event.Id.ToString());

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        foreach (var id in ids)
        {
            Assert.True(EventId.TryParse(id, out var parsed));
            Assert.Equal(7, parsed.Value.Version);
            Assert.NotNull(await Store.FindAsync(parsed, Cancel));
        }
    }
}

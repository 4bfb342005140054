using HookGateway.Events;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>What was accepted of a source's keys can be read again, the oldest first.</summary>
public abstract class KeyedConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task ReadKeyed_OfOneSource_GivesItsEventsWithAKeyInOrder()
    {
        await AcceptAsync(Request("1", key: "a"));
        await AcceptAsync(Request("2", key: null));
        await AcceptAsync(Request("3", source: "other", key: "a"));
        await AcceptAsync(Request("4", key: "b"));

        Assert.Equal(["1", "4"], await ReadAsync("crm", Time.GetUtcNow(), Time.GetUtcNow().AddSeconds(1)));
        Assert.Empty(await ReadAsync("nobody", Time.GetUtcNow(), Time.GetUtcNow().AddSeconds(1)));
    }

    [Fact]
    public async Task ReadKeyed_BetweenTwoTimes_GivesThoseAcceptedFromTheFirstOnBeforeTheSecond()
    {
        var start = Time.GetUtcNow();
        foreach (var id in new[] { "1", "2", "3" })
        {
            await AcceptAsync(Request(id));
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["2"], await ReadAsync("crm", start.AddSeconds(1), start.AddSeconds(2)));
        Assert.Equal(["1", "2", "3"], await ReadAsync("crm", start.AddDays(-1), start.AddDays(1)));
    }

    [Fact]
    public async Task ReadKeyed_MoreThanOnePage_GivesEachOnce()
    {
        for (var i = 0; i < 12; i++)
            await AcceptAsync(Request($"{i}", bodySize: 900_000));

        var start = Time.GetUtcNow();
        var page = await Store.ReadKeyedAsync("crm", start, start.AddSeconds(1), cursor: null, Cancel);

        Assert.InRange(page.Events.Count, 1, 11);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"{i}"), await ReadAsync("crm", start, start.AddSeconds(1)));
    }

    [Fact]
    public async Task Accept_MadeByTheGateway_SaysSoWhenRead()
    {
        var request = Request();
        var accepted = await AcceptAsync(request with { Event = request.Event with { Origin = EventOrigin.Reconcile } });

        Assert.Equal(EventOrigin.Reconcile, (await FindAsync(accepted.Event.Id)).Event.Origin);
        Assert.Equal(EventOrigin.Reconcile, Assert.Single(accepted.Leased).Event.Origin);
        await ReopenAsync();
        Assert.Equal(EventOrigin.Reconcile, Assert.Single((await LeaseAsync()).Deliveries).Event.Origin);
    }

    private async Task<List<string>> ReadAsync(string source, DateTimeOffset from, DateTimeOffset to)
    {
        var ids = new List<string>();
        for (string? cursor = null; ;)
        {
            var page = await Store.ReadKeyedAsync(source, from, to, cursor, Cancel);
            ids.AddRange(page.Events.Select(e => e.SourceId!));
            if (page.Next is null)
                return ids;

            cursor = page.Next;
        }
    }
}

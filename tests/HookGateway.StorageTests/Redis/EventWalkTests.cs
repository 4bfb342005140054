using HookGateway.Events;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>Lists and keyed reading go along several partitions, and over what retention has left of them.</summary>
public sealed class EventWalkTests() : StoreConformance(new RedisEngine())
{
    private static readonly RetentionLimits Limits = new(TimeSpan.FromDays(7), TimeSpan.FromDays(30));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task List_ManyPartitions_HoldsEveryEventOnceInTheOrderOfTheIds(int limit)
    {
        var ids = new List<EventId>();
        for (var i = 0; i < 60; i++)
        {
            ids.Add((await AcceptAsync(Request($"e{i}", key: $"k{i}"))).Event.Id);

            // Some of the same millisecond.
            if (i % 5 == 0)
                Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        var listed = (await ListAsync(new EventFilter(), limit)).Select(e => e.Id).ToList();

        Assert.Equal(ids.Order(ById).Reverse(), listed);
        Assert.Equal(ids.Order(ById), await ReadKeyedAsync());
    }

    [Fact]
    public async Task List_SourceAndKey_FindsThoseOfThemOnly()
    {
        for (var i = 0; i < 30; i++)
            await AcceptAsync(Request($"e{i}", source: i % 2 == 0 ? "crm" : "shop", key: $"k{i % 3}"));

        var listed = await ListAsync(new EventFilter { Source = "crm", Key = "k1" }, limit: 2);

        Assert.Equal(Enumerable.Range(0, 30).Where(i => i % 2 == 0 && i % 3 == 1).Reverse().Select(i => $"e{i}"), listed.Select(e => e.SourceId));
    }

    [Fact]
    public async Task List_WideGapsFromRetention_AreWalkedOver()
    {
        var dead = await AcceptAsync(Request("dead"));
        await SettleAsync(dead.Leased[0], DeliveryState.Dead);
        await AcceptManyAsync(3000, to: []);
        Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(3000, await Store.RetainAsync(Limits, Cancel));
        var young = await AcceptAsync(Request("young"));

        Assert.Equal([young.Event.Id, dead.Event.Id], (await ListAsync(new EventFilter(), limit: 10)).Select(e => e.Id));
        Assert.Equal([young.Event.Id, dead.Event.Id], (await ListAsync(new EventFilter(), limit: 1)).Select(e => e.Id));
        Assert.Equal([dead.Event.Id, young.Event.Id], await ReadKeyedAsync());
        var since = await ListAsync(new EventFilter { From = Time.GetUtcNow().AddDays(-1) }, limit: 10);
        Assert.Equal(young.Event.Id, Assert.Single(since).Id);
        var before = await ListAsync(new EventFilter { To = Time.GetUtcNow().AddDays(-1) }, limit: 10);
        Assert.Equal(dead.Event.Id, Assert.Single(before).Id);
    }

    [Fact]
    public async Task List_LastEventOfAPageIsDeletedMeanwhile_GoesOnBehindIt()
    {
        for (var i = 0; i < 3; i++)
            await AcceptAsync(Request($"old{i}", lease: false));

        await AcceptAsync(Request("goes", to: []));
        Time.Advance(TimeSpan.FromDays(8));
        await AcceptAsync(Request("young"));
        var page = await Store.ListAsync(new EventFilter(), null, 2, Cancel);
        Assert.Equal(["young", "goes"], page.Events.Select(e => e.SourceId));
        Assert.Equal(1, await Store.RetainAsync(Limits, Cancel));

        var rest = await Store.ListAsync(new EventFilter(), page.Next, 10, Cancel);

        Assert.Equal(["old2", "old1", "old0"], rest.Events.Select(e => e.SourceId));
        Assert.Null(rest.Next);
    }

    [Fact]
    public async Task List_EventsAcceptedAfterEverythingWasDeleted_AreThere()
    {
        await AcceptManyAsync(300, to: []);
        Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(300, await Store.RetainAsync(Limits, Cancel));

        await AcceptManyAsync(300, to: [], name: "later");

        Assert.Equal(300, (await ListAsync(new EventFilter(), limit: 1000)).Count);
    }

    [Fact]
    public async Task List_FilterThatFindsNothing_EndsEachCallAndGoesOn()
    {
        await AcceptManyAsync(10_100, to: []);

        var first = await Store.ListAsync(new EventFilter { Event = "nothing" }, null, 10, Cancel);
        var second = await Store.ListAsync(new EventFilter { Event = "nothing" }, first.Next, 10, Cancel);

        Assert.NotNull(first.Next);
        Assert.Null(second.Next);
        Assert.Empty(first.Events.Concat(second.Events));
        var (keyed, next) = await Store.ReadKeyedAsync("nobody", Time.GetUtcNow(), Time.GetUtcNow().AddDays(1), null, Cancel);
        Assert.Empty(keyed);
        Assert.Null((await Store.ReadKeyedAsync("nobody", Time.GetUtcNow(), Time.GetUtcNow().AddDays(1), next, Cancel)).Next);
        Assert.NotNull(next);
    }

    [Theory]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("019ca4b2-2a80-7123-8000-000000000001")]
    [InlineData("019ca4b22a8071238000000000000000")]
    [InlineData("019ca4b22a807123bfff000000000001")]
    [InlineData("019ca4b22a8041238000000000000001")]
    public async Task List_TextThatIsNoCursorOfThisStore_IsRefused(string cursor)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ListAsync(new EventFilter(), cursor, 10, Cancel).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(
            () => Store.ReadKeyedAsync("crm", Time.GetUtcNow(), Time.GetUtcNow(), cursor, Cancel).AsTask());
    }

    private static Comparer<EventId> ById => Comparer<EventId>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));

    private Task AcceptManyAsync(int count, string[] to, string name = "many") => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Cancel },
        async (i, _) => await AcceptAsync(Request($"{name}{i}", to: to)));

    private async Task<List<EventSummary>> ListAsync(EventFilter filter, int limit)
    {
        var events = new List<EventSummary>();
        for (var page = await Store.ListAsync(filter, null, limit, Cancel); ; page = await Store.ListAsync(filter, page.Next, limit, Cancel))
        {
            events.AddRange(page.Events);
            if (page.Next is null)
                return events;
        }
    }

    private async Task<List<EventId>> ReadKeyedAsync()
    {
        var ids = new List<EventId>();
        for (string? cursor = null; ;)
        {
            var page = await Store.ReadKeyedAsync("crm", DateTimeOffset.UnixEpoch, Time.GetUtcNow().AddDays(1), cursor, Cancel);
            ids.AddRange(page.Events.Select(e => e.Id));
            if (page.Next is null)
                return ids;

            cursor = page.Next;
        }
    }
}

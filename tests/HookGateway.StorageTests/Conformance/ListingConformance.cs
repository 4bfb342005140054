using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>Every stored event is in the list, once, the newest first, under exactly the filters that it meets.</summary>
public abstract class ListingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task List_SmallPages_HoldEveryEventOnceNewestFirst()
    {
        for (var i = 0; i < 25; i++)
            await AcceptAsync(Request($"e{i}"));

        var pages = new List<EventPage> { await Store.ListAsync(new EventFilter(), null, 10, Cancel) };
        await AcceptAsync(Request("after the first page"));
        while (pages[^1].Next is { } next)
            pages.Add(await Store.ListAsync(new EventFilter(), next, 10, Cancel));

        Assert.All(pages, page => Assert.InRange(page.Events.Count, 0, 10));
        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"e{i}"), pages.SelectMany(p => p.Events).Select(e => e.SourceId));
    }

    [Fact]
    public async Task List_Event_ShowsWhatItIs()
    {
        var accepted = await AcceptAsync(Request("e1", to: ["jira", "slack"], bodySize: 77));
        await SettleAsync(accepted.Leased[1], DeliveryState.Retrying, TimeSpan.FromHours(1));

        var listed = Assert.Single(await ListAsync(new EventFilter()));

        Assert.Equal(accepted.Event.Id, listed.Id);
        Assert.Equal(("crm", "deal.won", "e1", "k1", 77L), (listed.Source, listed.Name, listed.SourceId, listed.Key, listed.BodySize));
        Assert.Equal(accepted.Event.ReceivedAt, listed.ReceivedAt);
        Assert.Equal(EventState.Failing, listed.State);
        Assert.Equal(
            [new("jira", DeliveryState.Pending, 0, Replayed: false), new("slack", DeliveryState.Retrying, 1, Replayed: false)],
            listed.Deliveries);
    }

    public static TheoryData<string, string[]> Filters => new()
    {
        { "source=crm", ["delivered", "dead", "failing", "accepted"] },
        { "source=nobody", [] },
        { "event=deal.won", ["delivered", "dead", "failing", "accepted", "unrouted"] },
        { "event=deal.*", ["delivered", "dead", "failing", "accepted", "unrouted", "filtered"] },
        { "event=*.lost", ["filtered"] },
        { "event=deal", [] },
        { "key=k2", ["filtered"] },
        { "destination=slack", ["dead"] },
        { "destination=nobody", [] },
        { "state=accepted", ["accepted"] },
        { "state=failing", ["failing"] },
        { "state=dead", ["dead"] },
        { "state=delivered", ["delivered"] },
        { "state=unrouted", ["unrouted"] },
        { "state=filtered", ["filtered"] },
        { "state=held", [] },
        { "state=dead destination=jira", ["dead"] },
        { "state=delivered destination=slack", [] },
        { "from=2", ["failing", "accepted", "unrouted", "filtered"] },
        { "to=2", ["delivered", "dead"] },
        { "from=1 to=3", ["dead", "failing"] },
        { "from=99", [] },
        { "to=-99", [] },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task List_Filter_FindsWhatMeetsIt(string filter, string[] expected)
    {
        var start = Time.GetUtcNow();
        await EndAsync(Request("delivered"), DeliveryState.Delivered);
        await EndAsync(Request("dead", to: ["jira", "slack"]), DeliveryState.Dead);
        await EndAsync(Request("failing"), DeliveryState.Retrying);
        await EndAsync(Request("accepted"), null);
        await EndAsync(Request("unrouted", source: "shop", to: []), null);
        var lost = Request("filtered", source: "shop", to: []) with { Disposition = Disposition.Filtered };
        await EndAsync(lost with { Event = lost.Event with { Name = "deal.lost", Key = "k2" } }, null);

        var listed = await ListAsync(Parse(filter, start));

        Assert.Equal(expected.Reverse(), listed.Select(e => e.SourceId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("zz")]
    [InlineData("ffffffffffffffffff")]
    public async Task List_CursorOfSomebodyElse_IsRefused(string cursor) => await Assert.ThrowsAnyAsync<ArgumentException>(
        () => Store.ListAsync(new EventFilter(), cursor, 10, Cancel).AsTask());

    private static EventFilter Parse(string text, DateTimeOffset start)
    {
        var filter = new EventFilter();
        foreach (var (name, value) in text.Split(' ').Select(part => (part.Split('=')[0], part.Split('=')[1])))
        {
            filter = name switch
            {
                "source" => filter with { Source = value },
                "event" => filter with { Event = value },
                "key" => filter with { Key = value },
                "destination" => filter with { Destination = value },
                "state" => filter with { State = Enum.Parse<EventState>(value, ignoreCase: true) },
                "from" => filter with { From = start.AddMinutes(Minutes(value)) },
                _ => filter with { To = start.AddMinutes(Minutes(value)) },
            };
        }

        return filter;

        static int Minutes(string value) => int.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Accepts, settles the first delivery, and lets a minute pass.</summary>
    private async Task EndAsync(AcceptRequest request, DeliveryState? first)
    {
        var accepted = await AcceptAsync(request);
        if (first is { } state)
            await SettleAsync(accepted.Leased[0], state, state == DeliveryState.Retrying ? TimeSpan.FromHours(1) : null);

        Time.Advance(TimeSpan.FromMinutes(1));
    }

    private async Task<List<EventSummary>> ListAsync(EventFilter filter)
    {
        var events = new List<EventSummary>();
        for (var page = await Store.ListAsync(filter, null, 1000, Cancel); ; page = await Store.ListAsync(filter, page.Next, 1000, Cancel))
        {
            events.AddRange(page.Events);
            if (page.Next is null)
                return events;
        }
    }
}

using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>The same event twice is stored once, for as long as its source says, and only what is stored makes a duplicate.</summary>
public abstract class DedupingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task Accept_SameKeyAgain_IsDuplicateOfTheFirst()
    {
        var first = await AcceptAsync(Request());

        var second = await TryAcceptAsync(Request());

        Assert.Equal(new AcceptResult.Duplicate(first.Event.Id), second);
        Assert.Equal(1, (await PendingAsync()).Count);
    }

    [Fact]
    public async Task Accept_SameIdFromAnotherSource_IsAnotherEvent()
    {
        await AcceptAsync(Request(source: "crm"));

        await AcceptAsync(Request(source: "shop"));
    }

    [Fact]
    public async Task Accept_SameKeyAfterReopening_IsDuplicate()
    {
        var first = await AcceptAsync(Request());
        await ReopenAsync();

        Assert.Equal(new AcceptResult.Duplicate(first.Event.Id), await TryAcceptAsync(Request()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accept_WindowsEdge_IsDuplicateBeforeAndNewFromThenOn(bool reopen)
    {
        var first = await AcceptAsync(Request());
        Time.Advance(Window - TimeSpan.FromMilliseconds(1));
        if (reopen)
            await ReopenAsync();

        Assert.Equal(new AcceptResult.Duplicate(first.Event.Id), await TryAcceptAsync(Request()));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        if (reopen)
            await ReopenAsync();

        var again = await AcceptAsync(Request());
        Assert.NotEqual(first.Event.Id, again.Event.Id);
        Assert.Equal(new AcceptResult.Duplicate(again.Event.Id), await TryAcceptAsync(Request()));
    }

    [Fact]
    public async Task Accept_WindowsOfSeveralLengths_EachExpiresByItself()
    {
        await AcceptAsync(Request("short", window: TimeSpan.FromMinutes(1)));
        await AcceptAsync(Request("long", window: TimeSpan.FromDays(2)));
        Time.Advance(TimeSpan.FromHours(1));
        await Store.RetainAsync(new RetentionLimits(TimeSpan.FromDays(7), TimeSpan.FromDays(7)), Cancel);
        await ReopenAsync();

        await AcceptAsync(Request("short"));
        Assert.IsType<AcceptResult.Duplicate>(await TryAcceptAsync(Request("long")));
    }

    [Fact]
    public async Task Accept_EventDeletedWithinWindow_IsStillDuplicate()
    {
        var first = await AcceptAsync(Request(to: [], window: TimeSpan.FromDays(30)));
        Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, await Store.RetainAsync(new RetentionLimits(TimeSpan.FromDays(7), TimeSpan.FromDays(7)), Cancel));
        await ReopenAsync();

        Assert.Equal(new AcceptResult.Duplicate(first.Event.Id), await TryAcceptAsync(Request()));
    }

    [Fact]
    public async Task Accept_SameKeyManyTimesAtOnce_OneIsStored()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => TryAcceptAsync(Request())));

        var accepted = Assert.Single(results.OfType<AcceptResult.Accepted>());
        Assert.Equal(199, results.Count(r => r is AcceptResult.Duplicate d && d.First == accepted.Event.Id));
        Assert.Equal(1, (await PendingAsync()).Count);
    }
}

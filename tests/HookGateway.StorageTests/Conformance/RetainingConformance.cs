using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>What is old and owes nothing goes; what is owed never does.</summary>
public abstract class RetainingConformance(StoreEngine engine) : StoreConformance(engine)
{
    private static readonly RetentionLimits Limits = new(Delivered: TimeSpan.FromDays(7), Dead: TimeSpan.FromDays(30));

    [Fact]
    public async Task Retain_ByAgeAndState_DeletesWhatTheLimitsSay()
    {
        var delivered = await SettledAsync("delivered", DeliveryState.Delivered);
        var dead = await SettledAsync("dead", DeliveryState.Dead);
        var unrouted = (await AcceptAsync(Request("unrouted", to: []))).Event.Id;

        Time.Advance(TimeSpan.FromDays(7));
        Assert.Equal(0, await Store.RetainAsync(Limits, Cancel));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, await Store.RetainAsync(Limits, Cancel));

        Assert.Null(await Store.FindAsync(delivered, Cancel));
        Assert.Null(await Store.FindAsync(unrouted, Cancel));
        Assert.IsType<ReplayResult.NotFound>(await Store.ReplayAsync(new(unrouted, ["jira"], default), Cancel));
        Assert.NotNull(await Store.FindAsync(dead, Cancel));
        Assert.Equal(1, (await PendingAsync()).Dead);
        Time.Advance(TimeSpan.FromDays(23));
        Assert.Equal(1, await Store.RetainAsync(Limits, Cancel));
        Assert.Equal(0, (await PendingAsync()).Dead);
    }

    [Fact]
    public async Task Retain_DeadKeptShorterThanDelivered_DeletesTheDeadFirst()
    {
        var delivered = await SettledAsync("delivered", DeliveryState.Delivered);
        var dead = await SettledAsync("dead", DeliveryState.Dead);
        Time.Advance(TimeSpan.FromDays(2));

        Assert.Equal(1, await Store.RetainAsync(new(TimeSpan.FromDays(7), TimeSpan.FromDays(1)), Cancel));

        Assert.NotNull(await Store.FindAsync(delivered, Cancel));
        Assert.Null(await Store.FindAsync(dead, Cancel));
    }

    [Fact]
    public async Task Retain_SomethingOwed_IsNeverDeleted()
    {
        var partly = (await AcceptAsync(Request("partly", to: ["a", "b"]))).Leased;
        await SettleAsync(partly[0], DeliveryState.Delivered);
        var retrying = (await AcceptAsync(Request("retrying"))).Leased[0];
        await SettleAsync(retrying, DeliveryState.Retrying, TimeSpan.FromHours(1));
        await AcceptAsync(Request("due", lease: false));
        await AcceptAsync(Request("held"));
        Time.Advance(TimeSpan.FromDays(400));

        Assert.Equal(0, await Store.RetainAsync(Limits, Cancel));
        await ReopenAsync();
        Assert.Equal(0, await Store.RetainAsync(Limits, Cancel));

        Assert.Equal(["due", "held", "retrying"], SourceIds((await LeaseAsync()).Deliveries).Order());
        Assert.Equal(["partly"], SourceIds((await LeaseAsync("b")).Deliveries));
    }

    [Fact]
    public async Task Retain_MoreThanOneStep_DeletesAllOfThem()
    {
        await Task.WhenAll(Enumerable.Range(0, 3000).Select(i => AcceptAsync(Request($"e{i}", to: []))));
        Time.Advance(TimeSpan.FromDays(8));
        var young = await AcceptAsync(Request("young", to: []));

        Assert.Equal(3000, await Store.RetainAsync(Limits, Cancel));

        Assert.NotNull(await Store.FindAsync(young.Event.Id, Cancel));
    }

    [Fact]
    public async Task Retain_EverythingDeleted_IdsGoOnRising()
    {
        var before = await AcceptAsync(Request("before", to: []));
        Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, await Store.RetainAsync(Limits, Cancel));
        Time.AdjustTime(Time.GetUtcNow().AddDays(-9));
        await ReopenAsync();

        var after = await AcceptAsync(Request("after", to: []));

        Assert.True(string.CompareOrdinal(before.Event.Id.ToString(), after.Event.Id.ToString()) < 0);
    }

    private async Task<EventId> SettledAsync(string id, DeliveryState state)
    {
        var accepted = await AcceptAsync(Request(id));
        await SettleAsync(accepted.Leased[0], state);
        return accepted.Event.Id;
    }
}

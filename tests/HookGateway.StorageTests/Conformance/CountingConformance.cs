using HookGateway.Events;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>What each destination is owed, as gauges show it.</summary>
public abstract class CountingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task Pending_EveryKindOfOwed_IsCounted()
    {
        var start = Time.GetUtcNow();
        var delivered = (await AcceptAsync(Request("delivered"))).Leased[0];
        await SettleAsync(delivered, DeliveryState.Delivered);
        Time.Advance(TimeSpan.FromSeconds(1));
        await AcceptAsync(Request("fresh"));
        await AcceptAsync(Request("due", lease: false));
        var retrying = (await AcceptAsync(Request("retrying"))).Leased[0];
        await SettleAsync(retrying, DeliveryState.Retrying, TimeSpan.FromHours(1));
        var dead = (await AcceptAsync(Request("dead"))).Leased[0];
        await SettleAsync(dead, DeliveryState.Dead);
        await AcceptAsync(Request("elsewhere", to: ["slack"]));

        var before = (await PendingAsync("jira"), await PendingAsync("slack"));
        await ReopenAsync();
        var after = (await PendingAsync("jira"), await PendingAsync("slack"));

        Assert.Equal(new("jira", Count: 3, Dead: 1, start.AddSeconds(1)), before.Item1);
        Assert.Equal(new("slack", Count: 1, Dead: 0, start.AddSeconds(1)), before.Item2);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task Pending_OldestEnds_NextOldestIsShown()
    {
        var start = Time.GetUtcNow();
        var first = (await AcceptAsync(Request("first"))).Leased[0];
        Time.Advance(TimeSpan.FromMinutes(1));
        var second = (await AcceptAsync(Request("second"))).Leased[0];

        var both = await PendingAsync();
        await SettleAsync(first, DeliveryState.Delivered);
        var one = await PendingAsync();
        await SettleAsync(second, DeliveryState.Dead);
        var none = await PendingAsync();

        Assert.Equal((2, start), (both.Count, both.Oldest));
        Assert.Equal((1, start.AddMinutes(1)), (one.Count, one.Oldest));
        Assert.Equal((0, null), (none.Count, none.Oldest));
    }
}

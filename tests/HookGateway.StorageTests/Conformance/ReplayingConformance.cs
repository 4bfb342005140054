using System.Diagnostics;
using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>What is replayed is owed again under the same id, marked, and with a retry schedule that begins anew.</summary>
public abstract class ReplayingConformance(StoreEngine engine) : StoreConformance(engine)
{
    private static readonly TraceContext Trace =
        new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: true);

    [Fact]
    public async Task Replay_Dead_IsRevived()
    {
        var held = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(held, DeliveryState.Dead);
        Time.Advance(TimeSpan.FromHours(1));

        var replayed = await ReplayAsync(held.Event.Id, "jira");

        Assert.Equal([new("jira", 0, Revived: true)], replayed.Deliveries);
        Assert.Equal((1L, 0L), ((await PendingAsync()).Count, (await PendingAsync()).Dead));
        var leased = Assert.Single((await LeaseAsync()).Deliveries);
        Assert.Equal((held.Event.Id, 0, 1), (leased.Event.Id, leased.Ordinal, leased.Attempts));
        Assert.Equal(new Replay(AttemptsBefore: 1, Trace), leased.Replay);
        await SettleAsync(leased, DeliveryState.Delivered);
        var found = (await FindAsync(held.Event.Id)).Deliveries;
        Assert.Equal((DeliveryState.Delivered, 2, true), (found[0].State, found[0].Attempts.Count, found[0].Replayed));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(DeliveryState.Delivered)]
    [InlineData(DeliveryState.Retrying)]
    public async Task Replay_NotDead_AddsADeliveryAndLeavesTheFirstAlone(DeliveryState? first)
    {
        var held = (await AcceptAsync(Request())).Leased[0];
        if (first is { } state)
            await SettleAsync(held, state, state == DeliveryState.Retrying ? TimeSpan.FromHours(9) : null);

        var replayed = await ReplayAsync(held.Event.Id, "jira");

        Assert.Equal([new("jira", 1, Revived: false)], replayed.Deliveries);
        var leased = Assert.Single((await LeaseAsync()).Deliveries);
        Assert.Equal((1, 0, new Replay(0, Trace)), (leased.Ordinal, leased.Attempts, leased.Replay));
        await SettleAsync(leased, DeliveryState.Delivered);
        var found = (await FindAsync(held.Event.Id)).Deliveries;
        Assert.Equal([first ?? DeliveryState.Pending, DeliveryState.Delivered], found.Select(d => d.State));
        Assert.Equal([false, true], found.Select(d => d.Replayed));
    }

    [Fact]
    public async Task Replay_Unrouted_GoesToTheDestinationsThatAreNamed()
    {
        var unrouted = (await AcceptAsync(Request(to: []))).Event.Id;

        await ReplayAsync(unrouted, "slack", "jira");

        Assert.Single((await LeaseAsync("jira")).Deliveries);
        Assert.Single((await LeaseAsync("slack")).Deliveries);
        Assert.Equal(["slack", "jira"], (await FindAsync(unrouted)).Deliveries.Select(d => d.Destination));
    }

    [Fact]
    public async Task Replay_ThenReopened_IsStillOwedAndMarked()
    {
        var held = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(held, DeliveryState.Delivered);
        await ReplayAsync(held.Event.Id, "jira");
        await LeaseAsync();

        await ReopenAsync();

        Assert.Equal(new Replay(0, Trace), Assert.Single((await LeaseAsync()).Deliveries).Replay);
    }

    [Fact]
    public async Task Replay_UnknownEvent_ChangesNothing()
    {
        await AcceptAsync(Request());

        var result = await Store.ReplayAsync(new(new EventId(Guid.CreateVersion7(Time.GetUtcNow())), ["jira"], Trace), Cancel);

        Assert.IsType<ReplayResult.NotFound>(result);
        Assert.Equal(1, (await PendingAsync()).Count);
    }

    [Fact]
    public async Task Replay_MoreDeliveriesThanAnEventCanHave_ChangesNothing()
    {
        var most = Enumerable.Range(0, 4095).Select(i => $"d{i}").ToArray();
        var accepted = await AcceptAsync(Request(to: most, lease: false));

        var result = await Store.ReplayAsync(new(accepted.Event.Id, ["jira", "slack"], Trace), Cancel);

        Assert.Equal(new ReplayResult.TooMany(4096), result);
        Assert.Equal(4095, (await FindAsync(accepted.Event.Id)).Deliveries.Count);
        Assert.Single((await ReplayAsync(accepted.Event.Id, "jira")).Deliveries);
    }

    [Fact]
    public async Task Replay_SettledByAnEarlierHolder_StaysRevived()
    {
        var held = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(held, DeliveryState.Dead);
        await ReplayAsync(held.Event.Id, "jira");

        await SettleAsync(held, DeliveryState.Dead);

        Assert.Single((await LeaseAsync()).Deliveries);
    }

    private async Task<ReplayResult.Replayed> ReplayAsync(EventId id, params string[] destinations) =>
        Assert.IsType<ReplayResult.Replayed>(await Store.ReplayAsync(new(id, destinations, Trace), Cancel));
}

using System.Diagnostics;
using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>The books say what happened, and balance.</summary>
public abstract class AuditingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task Audit_Empty_Balances()
    {
        var report = await Store.AuditAsync(Cancel);

        Assert.Empty(report.Sources);
        Assert.Empty(report.Destinations);
        Assert.True(report.Balanced);
    }

    [Fact]
    public async Task Audit_EveryKind_IsCounted()
    {
        await SettleAsync((await AcceptAsync(Request("delivered"))).Leased[0], DeliveryState.Delivered);
        await SettleAsync((await AcceptAsync(Request("dead", to: ["slack"]))).Leased[0], DeliveryState.Dead);
        await SettleAsync((await AcceptAsync(Request("retrying"))).Leased[0], DeliveryState.Retrying, TimeSpan.FromHours(1));
        await AcceptAsync(Request("held"));
        await AcceptAsync(Request("due", lease: false));
        var unrouted = (await AcceptAsync(Request("unrouted", source: "shop", to: []))).Event.Id;
        await AcceptAsync(Request("filtered", source: "shop", to: []) with { Disposition = Disposition.Filtered });
        await TryAcceptAsync(Request("due"));
        await Store.ReplayAsync(new(unrouted, ["jira"], default), Cancel);

        var before = await Store.AuditAsync(Cancel);
        await ReopenAsync();
        var after = await Store.AuditAsync(Cancel);

        foreach (var report in new[] { before, after })
        {
            Assert.True(report.Balanced);
            Assert.Equal([("crm", new EventCounts { Accepted = 5, Routed = 5 }), ("shop", new EventCounts { Accepted = 2, Unrouted = 1, Filtered = 1 })],
                report.Sources.Select(s => (s.Source, s.Counted)));
            Assert.Equal([("jira", new DeliveryCounts { Owed = 5, Pending = 4, Delivered = 1 }), ("slack", new DeliveryCounts { Owed = 1, Dead = 1 })],
                report.Destinations.Select(d => (d.Destination, d.Counted)));
            Assert.All(report.Sources, s => Assert.Equal(s.Counted, s.Found));
            Assert.All(report.Destinations, d => Assert.Equal(d.Counted, d.Found));
        }
    }

    [Fact]
    public async Task Audit_AfterRetention_CountsWhatWasPurged()
    {
        await SettleAsync((await AcceptAsync(Request("delivered", to: ["jira"]))).Leased[0], DeliveryState.Delivered);
        await SettleAsync((await AcceptAsync(Request("dead", to: ["jira"]))).Leased[0], DeliveryState.Dead);
        await AcceptAsync(Request("unrouted", to: []));
        await AcceptAsync(Request("owed"));
        Time.Advance(TimeSpan.FromDays(40));
        Assert.Equal(3, await Store.RetainAsync(new(TimeSpan.FromDays(7), TimeSpan.FromDays(30)), Cancel));

        var report = await Store.AuditAsync(Cancel);

        Assert.True(report.Balanced);
        Assert.Equal(new EventCounts { Accepted = 4, Routed = 1, Purged = 3 }, Assert.Single(report.Sources).Counted);
        Assert.Equal(new DeliveryCounts { Owed = 3, Pending = 1, Purged = 2 }, Assert.Single(report.Destinations).Counted);
    }

    [Fact]
    public async Task Audit_BesideTraffic_AlwaysBalances()
    {
        using var stop = new CancellationTokenSource();
        var traffic = Task.Run(
            async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    var accepted = await AcceptAsync(Request($"e{i}", to: ["a", "b"]));
                    Store.Settle(Settlement(accepted.Leased[0], DeliveryState.Delivered));
                    Store.Settle(Settlement(accepted.Leased[1], DeliveryState.Retrying, TimeSpan.FromHours(1)));
                }
            },
            Cancel);

        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(1);)
            Assert.Equal(0, (await Store.AuditAsync(Cancel)).Unaccounted);

        await stop.CancelAsync();
        await traffic;
    }
}

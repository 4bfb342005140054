using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>A delivery is held by one at a time, the longest due comes first, and nothing due is forgotten.</summary>
public abstract class LeasingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task Lease_LeasedAtAcceptance_IsNotLeasedAgain()
    {
        await AcceptAsync(Request());

        Assert.Empty((await LeaseAsync()).Deliveries);
    }

    [Fact]
    public async Task Lease_Twice_SecondGetsNothing()
    {
        await AcceptAsync(Request(lease: false));

        var first = await LeaseAsync();
        var second = await LeaseAsync();

        Assert.Single(first.Deliveries);
        Assert.Equal((0, false, null), (second.Deliveries.Count, second.More, second.NextDue));
    }

    [Fact]
    public async Task Lease_Due_CarriesTheWholeEvent()
    {
        var request = Request(lease: false, bodySize: 50_000);
        var accepted = await AcceptAsync(request);

        var delivery = Assert.Single((await LeaseAsync()).Deliveries);

        Assert.Equal(request.Event.Body.ToArray(), delivery.Event.Body.ToArray());
        Assert.Equal(accepted.Event with { Body = default }, delivery.Event with { Body = default });
        Assert.Equal(("jira", 0, 0), (delivery.Destination, delivery.Ordinal, delivery.Attempts));
    }

    [Fact]
    public async Task Lease_MoreThanAsked_GivesTheCountAndSaysMore()
    {
        for (var i = 0; i < 5; i++)
            await AcceptAsync(Request($"e{i}", lease: false));

        var first = await LeaseAsync(count: 3);
        var second = await LeaseAsync(count: 3);

        Assert.Equal(["e0", "e1", "e2"], SourceIds(first.Deliveries));
        Assert.True(first.More);
        Assert.Equal(["e3", "e4"], SourceIds(second.Deliveries));
        Assert.False(second.More);
    }

    [Fact]
    public async Task Lease_MoreBytesThanAsked_StopsBeforeTheBoundYetGivesOne()
    {
        for (var i = 0; i < 4; i++)
            await AcceptAsync(Request($"e{i}", lease: false, bodySize: 1000));

        var two = await LeaseAsync(bytes: 2999);
        var one = await LeaseAsync(bytes: 10);

        Assert.Equal(["e0", "e1"], SourceIds(two.Deliveries));
        Assert.True(two.More);
        Assert.Equal(["e2"], SourceIds(one.Deliveries));
        Assert.True(one.More);
    }

    [Fact]
    public async Task Lease_DifferentDueTimes_LongestDueFirst()
    {
        var deliveries = new List<Delivery>();
        foreach (var id in (string[])["a", "b", "c"])
            deliveries.Add((await AcceptAsync(Request(id))).Leased[0]);

        await SettleAsync(deliveries[0], DeliveryState.Retrying, TimeSpan.FromSeconds(30));
        await SettleAsync(deliveries[1], DeliveryState.Retrying, TimeSpan.FromSeconds(10));
        await SettleAsync(deliveries[2], DeliveryState.Retrying, TimeSpan.FromSeconds(20));
        Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(["b", "c", "a"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Fact]
    public async Task Lease_DueLater_NotBeforeItsTime()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(delivery, DeliveryState.Retrying, TimeSpan.FromSeconds(10));
        var dueAt = Time.GetUtcNow() + TimeSpan.FromSeconds(10);

        Time.Advance(TimeSpan.FromMilliseconds(9999));
        var early = await LeaseAsync();
        Time.Advance(TimeSpan.FromMilliseconds(1));
        var inTime = await LeaseAsync();

        Assert.Equal((0, false, dueAt), (early.Deliveries.Count, early.More, early.NextDue));
        Assert.Equal(1, Assert.Single(inTime.Deliveries).Attempts);
        Assert.Null(inTime.NextDue);
    }

    [Fact]
    public async Task Lease_SeveralDestinations_EachGetsItsOwnInOneCall()
    {
        await AcceptAsync(Request("e1", to: ["a", "b"], lease: false));
        await AcceptAsync(Request("e2", to: ["b"], lease: false));

        var results = await Store.LeaseAsync([new("b", 10, 10_000), new("unknown", 10, 10_000), new("a", 10, 10_000)], Cancel);

        Assert.Equal(["e1", "e2"], SourceIds(results[0].Deliveries));
        Assert.Equal((0, false, null), (results[1].Deliveries.Count, results[1].More, results[1].NextDue));
        Assert.Equal(["e1"], SourceIds(results[2].Deliveries));
    }

    [Fact]
    public async Task Lease_Reopened_WhatWasHeldIsDueAgain()
    {
        await AcceptAsync(Request("fresh"));
        await AcceptAsync(Request("leased", lease: false));
        Assert.Single((await LeaseAsync()).Deliveries);
        await ReopenAsync();

        var again = await LeaseAsync();

        Assert.Equal(["fresh", "leased"], SourceIds(again.Deliveries).Order());
        Assert.All(again.Deliveries, d => Assert.Equal(0, d.Attempts));
    }

    [Fact]
    public async Task Lease_ReopenedAfterLongAttempt_WhatWasHeldIsDueAgain()
    {
        await AcceptAsync(Request("slow"));
        for (var i = 0; i < 5; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(20));
            var next = await AcceptAsync(Request($"e{i}"));
            await SettleAsync(next.Leased[0], DeliveryState.Delivered);
        }

        Assert.Empty((await LeaseAsync()).Deliveries);
        await ReopenAsync();

        Assert.Equal(["slow"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Fact]
    public async Task Lease_ByManyAtOnce_NoneTwice()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => AcceptAsync(Request($"e{i}", lease: false))));

        var results = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => LeaseAsync(count: 5)));

        var leased = results.SelectMany(r => SourceIds(r.Deliveries)).ToList();
        Assert.Equal(100, leased.Count);
        Assert.Equal(100, leased.Distinct().Count());
    }
}

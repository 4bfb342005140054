using HookGateway.Events;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>Bodies that nothing needs any more go before their events; what may still go out keeps its body.</summary>
public sealed class BodyRetentionTests() : CoalescingStoreTest(new RedisEngine(keepBodiesOf: "reconciled"))
{
    private static readonly RetentionLimits Limits =
        new(TimeSpan.FromDays(7), TimeSpan.FromDays(30)) { Bodies = TimeSpan.FromMinutes(15) };

    [Fact]
    public async Task Retain_DeliveredLongerAgoThanBodiesAreKept_DropsTheBodyOnly()
    {
        var id = await EndAsync(Request(bodySize: 5000), DeliveryState.Delivered);
        Time.Advance(Limits.Bodies!.Value);
        await RetainAsync();
        Assert.Equal(5000, (await FindAsync(id)).Event.Body.Length);

        Time.Advance(TimeSpan.FromMilliseconds(1));
        await RetainAsync();

        var found = await FindAsync(id);
        Assert.Equal((0, 5000), (found.Event.Body.Length, found.DroppedBodySize));
        Assert.Equal("application/json", found.Event.ContentType);
        Assert.Single(Assert.Single(found.Deliveries).Attempts);
        var listed = Assert.Single((await ListAsync()).Events);
        Assert.Equal((EventState.Delivered, 5000, true), (listed.State, listed.BodySize, listed.BodyDropped));
        Assert.IsType<AcceptResult.Duplicate>(await TryAcceptAsync(Request()));
    }

    [Fact]
    public async Task Replay_BodyIsDropped_IsRefusedAndChangesNothing()
    {
        var id = await EndAsync(Request(), DeliveryState.Delivered);
        Time.Advance(TimeSpan.FromHours(1));
        await RetainAsync();

        Assert.IsType<ReplayResult.BodyDropped>(await Store.ReplayAsync(new(id, ["jira", "slack"], default), Cancel));

        Assert.Single((await FindAsync(id)).Deliveries);
        Assert.Equal(0, (await PendingAsync()).Count);
    }

    [Fact]
    public async Task Retain_WhatMayStillGoOut_KeepsItsBody()
    {
        var ids = new List<EventId>
        {
            await EndAsync(Request("dead"), DeliveryState.Dead),
            await EndAsync(Request("partly", to: ["jira", "slack"]), DeliveryState.Delivered),
            await EndAsync(Request("retrying"), DeliveryState.Retrying),
            (await AcceptAsync(Request("due", lease: false))).Event.Id,
            (await AcceptAsync(Request("unrouted", to: []))).Event.Id,
            (await AcceptAsync(Request("filtered", to: []) with { Disposition = Disposition.Filtered })).Event.Id,
            await HoldAsync("held", number: 1, key: "k2"),
            await EndAsync(Request("reconciled", source: "reconciled"), DeliveryState.Delivered),
        };
        for (var hour = 0; hour < 48; hour++)
        {
            Time.Advance(TimeSpan.FromHours(1));
            await RetainAsync();
        }

        Assert.All(await Task.WhenAll(ids.Select(FindAsync)), found => Assert.Equal(20, found.Event.Body.Length));
        Assert.DoesNotContain((await ListAsync()).Events, listed => listed.BodyDropped);
    }

    [Fact]
    public async Task Retain_NoLimitForBodies_KeepsThem()
    {
        var id = await EndAsync(Request(), DeliveryState.Delivered);
        Time.Advance(TimeSpan.FromDays(6));
        await Store.RetainAsync(Limits with { Bodies = null }, Cancel);

        Assert.Null((await FindAsync(id)).DroppedBodySize);
    }

    [Fact]
    public async Task Retain_DeliveredAfterLong_DropsTheBodyBeforeItIsAQuarterOlder()
    {
        var late = (await AcceptAsync(Request("late"))).Leased[0];
        for (var minute = 0; minute < 100; minute++)
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            await RetainAsync();
        }

        await SettleAsync(late, DeliveryState.Delivered);
        for (var minute = 0; minute < 25; minute++)
        {
            Assert.Equal(0, await Store.RetainAsync(Limits, Cancel));
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        await RetainAsync();
        Assert.NotNull((await FindAsync(late.Event.Id)).DroppedBodySize);
    }

    [Fact]
    public async Task Retain_EventsLittleByLittle_DropsEachInTime()
    {
        var ids = new List<EventId>();
        for (var i = 0; i < 60; i++)
        {
            ids.Add(await EndAsync(Request($"e{i}"), DeliveryState.Delivered));
            Time.Advance(TimeSpan.FromMinutes(1));
            await RetainAsync();
        }

        var found = await Task.WhenAll(ids.Select(FindAsync));
        Assert.Equal(Enumerable.Range(0, 60).Select(i => i < 60 - 15), found.Select(one => one.DroppedBodySize is not null));
    }

    [Fact]
    public async Task Retain_Superseded_DropsItsBodyAndNotTheMergedOnes()
    {
        var taken = await HoldAsync("e1", number: 1);
        var released = await ReleaseAsync(Merged(2, takesIn: [1]));
        Time.Advance(TimeSpan.FromHours(1));
        await RetainAsync();

        Assert.NotNull((await FindAsync(taken)).DroppedBodySize);
        Assert.Equal("merged"u8.ToArray(), (await FindAsync(released!.Id)).Event.Body.ToArray());
        Assert.Equal("merged"u8.ToArray(), Assert.Single((await LeaseAsync()).Deliveries).Event.Body.ToArray());
    }

    [Fact]
    public async Task Retain_SeveralHundredBodies_DropsAllOfThem()
    {
        var ids = new List<EventId>();
        for (var i = 0; i < 600; i++)
        {
            var accepted = await AcceptAsync(Request($"e{i}"));
            Store.Settle(Settlement(accepted.Leased[0], DeliveryState.Delivered));
            ids.Add(accepted.Event.Id);
        }

        await EndAsync(Request("last"), DeliveryState.Delivered);
        Time.Advance(TimeSpan.FromHours(1));
        await RetainAsync();

        Assert.All(await Task.WhenAll(ids.Select(FindAsync)), found => Assert.NotNull(found.DroppedBodySize));
    }

    [Fact]
    public async Task Accept_EmptyBody_IsNotTakenForADroppedOne()
    {
        var id = (await AcceptAsync(Request(bodySize: 0))).Event.Id;

        Assert.Null((await FindAsync(id)).DroppedBodySize);
        Assert.IsType<ReplayResult.Replayed>(await Store.ReplayAsync(new(id, ["slack"], default), Cancel));
    }

    private async Task RetainAsync() => Assert.Equal(0, await Store.RetainAsync(Limits, Cancel));

    private async Task<EventId> EndAsync(AcceptRequest request, DeliveryState state)
    {
        var accepted = await AcceptAsync(request);
        await SettleAsync(accepted.Leased[0], state, state == DeliveryState.Retrying ? TimeSpan.FromDays(9) : null);
        return accepted.Event.Id;
    }
}

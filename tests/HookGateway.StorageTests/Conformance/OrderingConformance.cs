using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>Of the ordered deliveries of one destination, source and key only the first that has not ended is due.</summary>
public abstract class OrderingConformance(StoreEngine engine) : StoreConformance(engine)
{
    private static readonly RetentionLimits Limits = new(TimeSpan.FromDays(7), TimeSpan.FromDays(30));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Accept_SecondOfAKey_WaitsAndIsNeitherLeasedNorDue(bool lease)
    {
        await AcceptAsync(Ordered("e1"));

        var second = await AcceptAsync(Ordered("e2") with { Deliveries = [new("jira", lease, Ordered: true)] });

        Assert.Empty(second.Leased);
        var leased = await LeaseAsync();
        Assert.Equal((0, false, null), (leased.Deliveries.Count, leased.More, leased.NextDue));
        var stored = (await FindAsync(second.Event.Id)).Deliveries[0];
        Assert.Equal((DeliveryState.Pending, null, true), (stored.State, stored.DueAt, stored.Waits));
        Assert.Equal((2L, 0L), ((await PendingAsync()).Count, (await PendingAsync()).Blocked));
    }

    [Fact]
    public async Task Accept_HeadWithoutRoom_IsDueAndTheOnlyOne()
    {
        await AcceptAsync(Request("e1", lease: false, ordered: true));
        await AcceptAsync(Ordered("e2"));

        Assert.Equal(["e1"], SourceIds((await LeaseAsync()).Deliveries));
        Assert.Empty((await LeaseAsync()).Deliveries);
    }

    [Fact]
    public async Task Accept_OtherKeySourceOrDestination_DoesNotWait()
    {
        await AcceptAsync(Ordered("e1"));

        Assert.Single((await AcceptAsync(Request("e2", key: "k2", ordered: true))).Leased);
        Assert.Single((await AcceptAsync(Request("e3", source: "shop", ordered: true))).Leased);
        Assert.Single((await AcceptAsync(Request("e4", to: ["slack"], ordered: true))).Leased);
        Assert.Equal(["a"], (await AcceptAsync(Request("e5", to: ["a", "jira"], ordered: true))).Leased.Select(d => d.Destination));
    }

    [Fact]
    public async Task Accept_WithoutAKeyOrNotOrdered_PassesTheOrderBy()
    {
        var head = (await AcceptAsync(Ordered("e1"))).Leased[0];

        var keyless = (await AcceptAsync(Request("e2", key: null, ordered: true))).Leased;
        Assert.Null(Assert.Single(keyless).Sequence);
        Assert.Null(Assert.Single((await AcceptAsync(Request("e3", key: null, ordered: true))).Leased).Sequence);
        Assert.Null(Assert.Single((await AcceptAsync(Request("e4"))).Leased).Sequence);
        Assert.False((await SettleAsync(keyless[0], DeliveryState.Delivered)).FreedNext);
        Assert.False((await SettleAsync(head, DeliveryState.Delivered)).FreedNext);
    }

    [Fact]
    public async Task Settle_HeadDelivered_MakesTheNextDueAtOnceAndSaysSo()
    {
        var head = (await AcceptAsync(Ordered("e1"))).Leased[0];
        await AcceptAsync(Ordered("e2"));
        await AcceptAsync(Ordered("e3"));
        var sequences = new List<long?> { head.Sequence };
        foreach (var next in (string[])["e2", "e3"])
        {
            Assert.True((await SettleAsync(head, DeliveryState.Delivered)).FreedNext);
            head = Assert.Single((await LeaseAsync()).Deliveries);
            Assert.Equal(next, head.Event.SourceId);
            sequences.Add(head.Sequence);
        }

        Assert.False((await SettleAsync(head, DeliveryState.Delivered)).FreedNext);
        Assert.DoesNotContain(null, sequences);
        Assert.Equal(sequences.Distinct().Order(), sequences);
        Assert.Single((await AcceptAsync(Ordered("e4"))).Leased);
    }

    [Fact]
    public async Task Settle_HeadRetries_TheNextWaitsOn()
    {
        var head = (await AcceptAsync(Ordered("e1"))).Leased[0];
        await AcceptAsync(Ordered("e2"));

        Assert.False((await SettleAsync(head, DeliveryState.Retrying, TimeSpan.FromMinutes(1))).FreedNext);

        Assert.Equal(Time.GetUtcNow().AddMinutes(1), (await LeaseAsync()).NextDue);
        Time.Advance(TimeSpan.FromMinutes(1));
        var again = Assert.Single((await LeaseAsync()).Deliveries);
        Assert.Equal((head.Event.Id, head.Sequence), (again.Event.Id, again.Sequence));
        await SettleAsync(again, DeliveryState.Pending, attempted: false);
        Assert.Equal(["e1"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Fact]
    public async Task Settle_HeadDead_LetsTheNextGo()
    {
        var head = (await AcceptAsync(Ordered("e1"))).Leased[0];
        await AcceptAsync(Ordered("e2"));

        Assert.True((await SettleAsync(head, DeliveryState.Dead)).FreedNext);

        Assert.Equal(["e2"], SourceIds((await LeaseAsync()).Deliveries));
        Assert.Equal((1L, 1L, 0L), Standing(await PendingAsync()));

        // What was skipped is not in the order any more, and waits for nobody.
        await ReplayAsync(head.Event.Id);
        Assert.Null(Assert.Single((await LeaseAsync()).Deliveries).Sequence);
    }

    [Fact]
    public async Task Settle_DeadHeadBlocks_NothingOfTheKeyGoesUntilItIsRevivedAndEnds()
    {
        var head = (await AcceptAsync(Ordered("e1"))).Leased[0];
        await AcceptAsync(Ordered("e2"));

        Assert.False((await SettleAsync(head, DeliveryState.Dead, blocks: true)).FreedNext);
        await ReopenAsync();
        Assert.Empty((await AcceptAsync(Ordered("e3"))).Leased);
        Assert.Single((await AcceptAsync(Request("other", key: "k2", ordered: true))).Leased);
        Assert.Empty((await LeaseAsync()).Deliveries);
        Assert.Equal((3L, 1L, 1L), Standing(await PendingAsync()));

        await ReplayAsync(head.Event.Id);
        Assert.Equal((4L, 0L, 0L), Standing(await PendingAsync()));
        var revived = Assert.Single((await LeaseAsync()).Deliveries);
        Assert.Equal(("e1", head.Sequence), (revived.Event.SourceId, revived.Sequence));
        Assert.Empty((await LeaseAsync()).Deliveries);
        Assert.True((await SettleAsync(revived, DeliveryState.Delivered)).FreedNext);
        await SettleAsync(Assert.Single((await LeaseAsync()).Deliveries), DeliveryState.Delivered);
        Assert.Equal(["e3"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Fact]
    public async Task Replay_NotTheBlockedHead_PassesTheOrderBy()
    {
        var first = (await AcceptAsync(Ordered("e1"))).Leased[0];
        await SettleAsync(first, DeliveryState.Delivered);
        await SettleAsync((await AcceptAsync(Ordered("e2"))).Leased[0], DeliveryState.Dead, blocks: true);
        await AcceptAsync(Ordered("e3"));

        await ReplayAsync(first.Event.Id);

        var replayed = Assert.Single((await LeaseAsync()).Deliveries);
        Assert.Equal(("e1", null), (replayed.Event.SourceId, replayed.Sequence));
        Assert.False((await SettleAsync(replayed, DeliveryState.Delivered)).FreedNext);
        Assert.Equal(1, (await PendingAsync()).Blocked);
    }

    [Fact]
    public async Task ReleaseBlocked_SomeDestinations_LetsWhatWaitsThereGo()
    {
        var settled = new List<Task>();
        for (var i = 0; i < 300; i++)
        {
            var heads = (await AcceptAsync(Request($"head{i}", to: ["jira", "slack"], key: $"k{i}", ordered: true))).Leased;
            await AcceptAsync(Request($"next{i}", to: ["jira", "slack"], key: $"k{i}", ordered: true));
            settled.AddRange(heads.Select(head => SettleAsync(head, DeliveryState.Dead, blocks: true)));
        }

        await Task.WhenAll(settled);
        await SettleAsync((await AcceptAsync(Request("skipped"))).Leased[0], DeliveryState.Dead);

        await Store.ReleaseBlockedAsync(["jira", "nobody"], Cancel);

        Assert.Equal((300L, 301L, 0L), Standing(await PendingAsync()));
        Assert.Equal((300L, 300L, 300L), Standing(await PendingAsync("slack")));
        var freed = (await LeaseAsync(count: 1000)).Deliveries;
        Assert.Equal(300, freed.Count);
        Assert.All(freed, d => Assert.StartsWith("next", d.Event.SourceId, StringComparison.Ordinal));
        Assert.Empty((await LeaseAsync("slack")).Deliveries);
        Assert.Equal(0, (await Store.AuditAsync(Cancel)).Unaccounted);
    }

    [Fact]
    public async Task Open_WhileSomeWait_OnlyTheHeadsAreDue()
    {
        await AcceptAsync(Ordered("e1"));
        await AcceptAsync(Ordered("e2"));
        await AcceptAsync(Request("other", key: "k2", ordered: true));

        await ReopenAsync();

        var heads = (await LeaseAsync()).Deliveries;
        Assert.Equal(["e1", "other"], SourceIds(heads).Order());
        Assert.Equal(3, (await PendingAsync()).Count);
        await SettleAsync(heads.Single(d => d.Event.SourceId == "e1"), DeliveryState.Delivered);
        Assert.Equal(["e2"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Fact]
    public async Task Settle_DeliveredUnderAnOldLease_EndsTheHeadOnce()
    {
        var old = (await AcceptAsync(Ordered("e1"))).Leased[0];
        await AcceptAsync(Ordered("e2"));
        await AcceptAsync(Ordered("e3"));
        await ReopenAsync();
        var current = Assert.Single((await LeaseAsync()).Deliveries);

        Assert.True((await SettleAsync(old, DeliveryState.Delivered)).FreedNext);
        await SettleAsync(current, DeliveryState.Dead);

        Assert.Equal(["e2"], SourceIds((await LeaseAsync()).Deliveries));
        Assert.Empty((await LeaseAsync()).Deliveries);
    }

    [Fact]
    public async Task Retain_DeadThatBlocks_IsKeptUntilItEnds()
    {
        var head = (await AcceptAsync(Ordered("e1"))).Leased[0];
        await SettleAsync(head, DeliveryState.Dead, blocks: true);
        Time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(0, await Store.RetainAsync(Limits, Cancel));

        await Store.ReleaseBlockedAsync(["jira"], Cancel);

        Assert.Equal(1, await Store.RetainAsync(Limits, Cancel));
        Assert.Single((await AcceptAsync(Ordered("e2"))).Leased);
    }

    [Fact]
    public async Task Settle_ManyKeysAtOnce_EachKeyInTheOrderOfAcceptance()
    {
        var accepted = new List<AcceptResult.Accepted>();
        for (var i = 0; i < 10; i++)
        {
            var burst = Enumerable.Range(0, 20).Select(n => AcceptAsync(Request($"e{i}.{n}", key: $"k{n % 5}", ordered: true)));
            accepted.AddRange(await Task.WhenAll(burst));
        }

        var delivered = new List<Delivery>();
        var held = accepted.SelectMany(a => a.Leased).ToList();
        while (held.Count > 0)
        {
            delivered.AddRange(held);
            await Task.WhenAll(held.Select(d => SettleAsync(d, DeliveryState.Delivered)));
            held = [.. (await LeaseAsync()).Deliveries];
            Assert.True(held.Count <= 5);
        }

        Assert.Equal(200, delivered.Count);
        foreach (var key in delivered.GroupBy(d => d.Event.Key))
        {
            Assert.Equal(
                accepted.Select(a => a.Event).Where(e => e.Key == key.Key).Select(e => e.Id.ToString()).Order(StringComparer.Ordinal),
                key.Select(d => d.Event.Id.ToString()));
            Assert.Equal(key.Select(d => d.Sequence).Order(), key.Select(d => d.Sequence));
        }

        Assert.Equal(0, (await Store.AuditAsync(Cancel)).Unaccounted);
    }

    private AcceptRequest Ordered(string id) => Request(id, ordered: true);

    private static (long Pending, long Dead, long Blocked) Standing(PendingDeliveries owed) => (owed.Count, owed.Dead, owed.Blocked);

    private Task<ReplayResult> ReplayAsync(EventId id) => Store.ReplayAsync(new ReplayRequest(id, ["jira"], default), Cancel);
}

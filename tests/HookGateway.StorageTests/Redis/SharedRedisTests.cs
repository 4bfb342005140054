using HookGateway.Events;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using HookGateway.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>Several gateways on one Redis, by the server's own clock.</summary>
public sealed class SharedRedisTests : RedisStoreTest
{
    [Fact]
    public async Task Accept_SameEventAtAnotherGateway_IsDuplicate()
    {
        var (first, second) = (await OpenAsync(), await OpenAsync());
        var accepted = await AcceptAsync(first, Request("e1"));

        Assert.Equal(new AcceptResult.Duplicate(accepted.Event.Id), await second.AcceptAsync(Request("e1")));
    }

    [Fact]
    public async Task Accept_AnswerIsLostAndAnotherGatewayLeasesWhatIsDue_GetsOnlyItsOwn()
    {
        var other = await OpenAsync();
        IReadOnlyList<Delivery> taken = [];
        var store = await OpenLosingOneAnswerAsync(async () => taken = await LeaseAsync(other));

        var accepted = await AcceptAsync(store, Request("e1") with { Deliveries = [new OwedDelivery("jira", Lease: false), new OwedDelivery("slack", Lease: true)] });

        Assert.Equal("jira", Assert.Single(taken).Destination);
        Assert.Equal(("slack", 1), (Assert.Single(accepted.Leased).Destination, accepted.Leased[0].Ordinal));
    }

    [Fact]
    public async Task Accept_AnswerIsLostAndItsTurnComesAtAnotherGateway_GetsNone()
    {
        OwedDelivery[] ordered = [new("jira", Lease: true, Ordered: true)];
        var other = await OpenAsync();
        var head = (await AcceptAsync(other, Request("e0") with { Deliveries = ordered })).Leased[0];
        IReadOnlyList<Delivery> taken = [];
        var store = await OpenLosingOneAnswerAsync(async () =>
        {
            await SettleAsync(other, head, DeliveryState.Delivered);
            taken = await LeaseAsync(other);
        });

        var accepted = await AcceptAsync(store, Request("e1") with { Deliveries = ordered });

        Assert.Equal(accepted.Event.Id, Assert.Single(taken).Event.Id);
        Assert.Empty(accepted.Leased);
    }

    [Fact]
    public async Task Open_OtherNumberOfPartitions_KeepsTheFirst()
    {
        await AcceptAsync(await OpenAsync(), Request("e1"));
        var other = await OpenAsync(Options with { Partitions = 3 });

        Assert.IsType<AcceptResult.Duplicate>(await other.AcceptAsync(Request("e1")));
    }

    [Fact]
    public async Task Open_OtherPrefix_SharesNothing()
    {
        await AcceptAsync(await OpenAsync(), Request("e1"));

        await AcceptAsync(await OpenAsync(Options with { Prefix = "other" }), Request("e1"));
    }

    [Fact]
    public async Task Open_LaidOutByANewerGateway_IsRefused()
    {
        await RunAsync("HSET", "{hookgateway:0}:store", "format", 2);

        var refused = await Assert.ThrowsAsync<StoreException>(() => OpenAsync());

        Assert.Contains("version 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lease_HolderDied_AnotherGatewayGetsItAndTheFenceHolds()
    {
        // Its clock stands still: it renews nothing, as if it were gone.
        var died = await OpenAsync(Options with { Lease = TimeSpan.FromSeconds(1) }, new FakeTimeProvider());
        var old = (await AcceptAsync(died, Request("e1"))).Leased[0];
        var other = await OpenAsync();
        Delivery? taken = null;
        await Wait.UntilAsync(async () => (taken = (await LeaseAsync(other)).SingleOrDefault()) is not null, "the lease to run out");

        Assert.True(taken!.Lease.Epoch > old.Lease.Epoch);
        await SettleAsync(died, old, DeliveryState.Dead);
        Assert.Equal(DeliveryState.Pending, (await other.FindAsync(old.Event.Id, Cancel))!.Deliveries[0].State);
        await SettleAsync(died, old, DeliveryState.Delivered);
        await SettleAsync(other, taken, DeliveryState.Retrying);

        Assert.Equal(DeliveryState.Delivered, (await other.FindAsync(old.Event.Id, Cancel))!.Deliveries[0].State);
        Assert.Empty(await LeaseAsync(other));
    }

    [Fact]
    public async Task Settle_EventWasLostAndItsNumberGivenAgain_EndsNoOther()
    {
        // No append-only file: it forgets all, as a replica forgets what it had not received.
        var first = await OpenAsync();
        var lost = (await AcceptAsync(first, Request("e1"))).Leased[0];
        await Server.KillAsync();
        await Wait.UntilAsync(() => !first.IsWritable, "the store to notice");
        await Server.StartAgainAsync();
        await first.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);
        var second = await OpenAsync();
        var other = (await AcceptAsync(second, Request("e2"))).Leased[0];
        Assert.Equal(lost.Lease, other.Lease);

        await SettleAsync(first, lost, DeliveryState.Delivered);

        Assert.Equal(DeliveryState.Pending, (await second.FindAsync(other.Event.Id, Cancel))!.Deliveries[0].State);
        await SettleAsync(second, other, DeliveryState.Delivered);
        Assert.Equal(DeliveryState.Delivered, (await second.FindAsync(other.Event.Id, Cancel))!.Deliveries[0].State);
    }

    [Fact]
    public async Task Lease_HeldForLong_IsRenewed()
    {
        var time = new FakeTimeProvider();
        var options = Options with { OwnClock = true };
        var (holder, other) = (await OpenAsync(options, time), await OpenAsync(options, time));
        var held = (await AcceptAsync(holder, Request("e1"))).Leased[0];
        for (var i = 0; i < 20; i++)
        {
            time.Advance(options.Lease / 2);

            // Asks after the renewal, for it goes over the connection that sent that.
            Assert.Empty(await LeaseAsync(holder));
            Assert.Empty(await LeaseAsync(other));
        }

        await SettleAsync(holder, held, DeliveryState.Delivered);
        Assert.Equal(DeliveryState.Delivered, (await other.FindAsync(held.Event.Id, Cancel))!.Deliveries[0].State);
    }

    [Fact]
    public async Task Lease_ManyGatewaysAtOnce_NoneTwice()
    {
        var stores = new[] { await OpenAsync(), await OpenAsync(), await OpenAsync() };
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => AcceptAsync(stores[i % 3], Request($"e{i}", lease: false, key: $"k{i}"))));

        var leased = new List<Delivery>();
        await Wait.UntilAsync(
            async () =>
            {
                foreach (var some in await Task.WhenAll(stores.Select(LeaseAsync)))
                    leased.AddRange(some);

                return leased.Count >= 300;
            },
            "all to be leased");

        Assert.Equal(300, leased.DistinctBy(delivery => delivery.Event.Id).Count());
        Assert.Equal(300, leased.Count);
    }

    [Fact]
    public async Task Dispose_Twice_GivesBackOnce()
    {
        var store = await OpenAsync();
        await AcceptAsync(store, Request("e1"));
        await store.DisposeAsync();
        await store.DisposeAsync();

        Assert.Single(await LeaseAsync(await OpenAsync()));
    }

    [Fact]
    public async Task TryLead_AnotherLeads_IsRefusedUntilItsTimeIsOver()
    {
        var (first, second) = (await OpenAsync(), await OpenAsync());
        Assert.True(await first.TryLeadAsync("a", "first", TimeSpan.FromMilliseconds(300), Cancel));
        Assert.True(await first.TryLeadAsync("b", "first", Soon, Cancel));

        Assert.False(await second.TryLeadAsync("b", "second", Soon, Cancel));
        await Wait.UntilAsync(() => second.TryLeadAsync("a", "second", Soon, Cancel).AsTask(), "the lead to be free");
        Assert.False(await first.TryLeadAsync("a", "first", Soon, Cancel));
    }

    /// <summary>One whose next script runs, but it does not hear of it; and what happens before it asks again.</summary>
    private async Task<RedisEventStore> OpenLosingOneAnswerAsync(Func<Task> meanwhile)
    {
        var isOpen = false;
        var store = await OpenAsync(Options with
        {
            AfterScript = async () =>
            {
                if (!isOpen)
                    return;

                isOpen = false;
                await meanwhile();
                throw new TimeoutException("The answer is lost.");
            },
        });
        isOpen = true;
        return store;
    }
}

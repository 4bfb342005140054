using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>What came of a delivery is kept; what is final stays; who lost its lease changes nothing but for the better.</summary>
public abstract class SettlingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task Settle_Delivered_IsFinalAndNeverDueAgain()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(delivery, DeliveryState.Delivered);
        await ReopenAsync();
        Time.Advance(TimeSpan.FromDays(1));

        var stored = await FindDeliveryAsync(delivery);

        Assert.Equal((DeliveryState.Delivered, null), (stored.State, stored.DueAt));
        Assert.Equal(200, Assert.Single(stored.Attempts).StatusCode);
        Assert.Empty((await LeaseAsync()).Deliveries);
    }

    [Fact]
    public async Task Settle_Dead_IsKeptAndNotDueAgain()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(delivery, DeliveryState.Dead);
        await ReopenAsync();

        Assert.Equal(DeliveryState.Dead, (await FindDeliveryAsync(delivery)).State);
        Assert.Empty((await LeaseAsync()).Deliveries);
        Assert.Equal((0, 1), ((await PendingAsync()).Count, (await PendingAsync()).Dead));
    }

    [Fact]
    public async Task Settle_SeveralAttempts_EveryOneIsKept()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        var first = Attempt(1, status: null);
        Store.Settle(new Settlement { Delivery = delivery, Attempt = first, State = DeliveryState.Retrying });
        Time.Advance(TimeSpan.FromSeconds(1));
        var second = await LeaseWhenDueAsync();
        await SettleAsync(second, DeliveryState.Retrying);
        Time.Advance(TimeSpan.FromSeconds(1));
        await ReopenAsync();
        await SettleAsync(await LeaseWhenDueAsync(), DeliveryState.Delivered);
        await ReopenAsync();

        var attempts = (await FindDeliveryAsync(delivery)).Attempts;

        Assert.Equal([1, 2, 3], attempts.Select(a => a.Number));
        Assert.Equal([null, 500, 200], attempts.Select(a => a.StatusCode));
        Assert.Equal(first, attempts[0]);
        Assert.Equal(TimeSpan.FromSeconds(2), attempts[2].StartedAt - attempts[0].StartedAt);
    }

    [Fact]
    public async Task Settle_AnswersOfFailedAttempts_AreKeptWithEach()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        string[] answers = ["not now\0 é \u2028", new('x', 4096)];
        foreach (var answer in answers)
        {
            var settlement = Settlement(delivery, DeliveryState.Retrying);
            Store.Settle(settlement with { Attempt = settlement.Attempt! with { Answer = answer } });
            delivery = await LeaseWhenDueAsync();
        }

        await SettleAsync(delivery, DeliveryState.Delivered);
        await ReopenAsync();

        Assert.Equal([.. answers, null], (await FindDeliveryAsync(delivery)).Attempts.Select(attempt => attempt.Answer));
    }

    [Fact]
    public async Task Settle_GivenBack_IsDueAtOnceWithoutAnAttempt()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(delivery, DeliveryState.Pending, attempted: false);

        var again = Assert.Single((await LeaseAsync()).Deliveries);

        Assert.Equal((0, delivery.Event.Id), (again.Attempts, again.Event.Id));
        Assert.Empty((await FindDeliveryAsync(delivery)).Attempts);
    }

    [Fact]
    public async Task Settle_GivenBackForLater_KeepsItsAttemptsAndWaits()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(delivery, DeliveryState.Retrying);
        var second = Assert.Single((await LeaseAsync()).Deliveries);
        await SettleAsync(second, DeliveryState.Pending, TimeSpan.FromMinutes(1), attempted: false);

        Assert.Empty((await LeaseAsync()).Deliveries);
        var stored = await FindDeliveryAsync(delivery);
        Assert.Equal((DeliveryState.Retrying, Time.GetUtcNow().AddMinutes(1)), (stored.State, stored.DueAt));
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Assert.Single((await LeaseAsync()).Deliveries).Attempts);
    }

    [Theory]
    [InlineData(DeliveryState.Retrying)]
    [InlineData(DeliveryState.Dead)]
    [InlineData(DeliveryState.Pending)]
    public async Task Settle_UnderAnOldLease_ChangesNothingUnlessDelivered(DeliveryState late)
    {
        var old = (await AcceptAsync(Request())).Leased[0];
        await ReopenAsync();
        var current = Assert.Single((await LeaseAsync()).Deliveries);

        await SettleAsync(old, late, TimeSpan.Zero, attempted: late != DeliveryState.Pending);

        Assert.Empty((await LeaseAsync()).Deliveries);
        Assert.Empty((await FindDeliveryAsync(old)).Attempts);
        await SettleAsync(current, DeliveryState.Delivered);
        Assert.Equal(DeliveryState.Delivered, (await FindDeliveryAsync(old)).State);
    }

    [Fact]
    public async Task Settle_DeliveredUnderAnOldLease_WinsOverWhatIsNotFinal()
    {
        var old = (await AcceptAsync(Request())).Leased[0];
        await ReopenAsync();
        var current = Assert.Single((await LeaseAsync()).Deliveries);

        await SettleAsync(old, DeliveryState.Delivered);
        await SettleAsync(current, DeliveryState.Retrying);

        Assert.Equal(DeliveryState.Delivered, (await FindDeliveryAsync(old)).State);
        Assert.Empty((await LeaseAsync()).Deliveries);
        Assert.Equal(0, (await PendingAsync()).Count);
    }

    [Theory]
    [InlineData(DeliveryState.Delivered, DeliveryState.Retrying)]
    [InlineData(DeliveryState.Delivered, DeliveryState.Dead)]
    [InlineData(DeliveryState.Dead, DeliveryState.Delivered)]
    [InlineData(DeliveryState.Dead, DeliveryState.Retrying)]
    public async Task Settle_AfterAFinalState_IsDropped(DeliveryState final, DeliveryState late)
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(delivery, final);
        await SettleAsync(delivery, late);

        var stored = await FindDeliveryAsync(delivery);

        Assert.Equal(final, stored.State);
        Assert.Single(stored.Attempts);
        Assert.Empty((await LeaseAsync()).Deliveries);
    }

    [Fact]
    public async Task Settle_TheSameAttemptTwice_CountsOnce()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        await SettleAsync(delivery, DeliveryState.Retrying, TimeSpan.FromMinutes(1));
        await SettleAsync(delivery, DeliveryState.Retrying, TimeSpan.FromMinutes(5));

        var stored = await FindDeliveryAsync(delivery);

        Assert.Single(stored.Attempts);
        Assert.Equal(Time.GetUtcNow().AddMinutes(1), stored.DueAt);
    }

    [Fact]
    public async Task Settle_OneDestination_LeavesTheOthers()
    {
        var leased = (await AcceptAsync(Request(to: ["a", "b"]))).Leased;
        await SettleAsync(leased[1], DeliveryState.Delivered);

        var stored = await FindAsync(leased[0].Event.Id);

        Assert.Equal([DeliveryState.Pending, DeliveryState.Delivered], stored.Deliveries.Select(d => d.State));
    }

    private async Task<Delivery> LeaseWhenDueAsync()
    {
        using var limit = new CancellationTokenSource(Soon);
        while (true)
        {
            if ((await LeaseAsync()).Deliveries is [var delivery])
                return delivery;

            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}

using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>After an I/O error only the file says what is stored.</summary>
public sealed class IoErrorTests : SqliteStoreTest
{
    [Fact]
    public async Task Accept_CommitFails_IsUnavailableAndTheRetryIsAccepted()
    {
        var held = (await AcceptAsync(Request("held"))).Leased[0];
        FailOnce(before: true);

        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request("again")));
        await AcceptAsync(Request("again"));

        Assert.Equal(2, (await PendingAsync()).Count);
        Assert.Empty((await LeaseAsync()).Deliveries);
        await SettleAsync(held, DeliveryState.Delivered);
        Assert.Equal(DeliveryState.Delivered, (await FindDeliveryAsync(held)).State);
    }

    [Fact]
    public async Task Accept_CommitOfAHeldEventFails_IsUnavailableAndTheRetryIsAccepted()
    {
        var state = new CoalescedState("state"u8.ToArray(), [1], Time.GetUtcNow(), Time.GetUtcNow());
        var held = Request("held", to: []) with
        {
            Disposition = Disposition.Held,
            Coalesce = new CoalesceStep { Source = "crm", Key = "k1", Version = 0, Number = 1, State = state },
        };
        FailOnce(before: true);

        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(held));
        Assert.Null(await Store.FindCoalescedAsync("crm", "k1", CancellationToken.None));
        var accepted = await AcceptAsync(held);
        FailOnce(before: false);
        var other = held with { DedupeKey = DedupeKey.OfId("crm", "other"), Coalesce = held.Coalesce with { Key = "k2" } };
        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(other));

        Assert.Equal(new AcceptResult.Duplicate(accepted.Event.Id), await TryAcceptAsync(held));
        Assert.IsType<AcceptResult.Duplicate>(await TryAcceptAsync(other));
    }

    [Fact]
    public async Task Accept_CommitFailsYetIsThere_IsADuplicateAndIsDelivered()
    {
        await AcceptAsync(Request("held"));
        FailOnce(before: false);

        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request("again")));
        Assert.IsType<AcceptResult.Duplicate>(await TryAcceptAsync(Request("again")));

        Assert.Equal(2, (await PendingAsync()).Count);
        Assert.Equal(["again"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Fact]
    public async Task Settle_CommitFailsYetIsThere_CountsOnce()
    {
        var retrying = (await AcceptAsync(Request("retrying"))).Leased[0];
        var delivered = (await AcceptAsync(Request("delivered"))).Leased[0];
        FailOnce(before: false);
        var settled = Task.WhenAll(
            SettleAsync(retrying, DeliveryState.Retrying, TimeSpan.FromHours(1)), SettleAsync(delivered, DeliveryState.Delivered));
        await UntilAsync(() =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(500));
            return Task.FromResult(settled.IsCompleted);
        });

        Assert.Single((await FindDeliveryAsync(retrying)).Attempts);
        Assert.Single((await FindDeliveryAsync(delivered)).Attempts);
        Assert.Equal(1, (await PendingAsync()).Count);
        Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(["retrying"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Fact]
    public async Task Settle_HeadOfAnOrderInACommitThatFailsYetIsThere_SaysThatTheNextIsDue()
    {
        var head = (await AcceptAsync(Request("head", ordered: true))).Leased[0];
        await AcceptAsync(Request("next", ordered: true));
        FailOnce(before: false);
        var settled = SettleAsync(head, DeliveryState.Delivered);
        await UntilAsync(() =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(500));
            return Task.FromResult(settled.IsCompleted);
        });

        Assert.True((await settled).FreedNext);
        Assert.Equal(["next"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Fact]
    public async Task Open_FileVanished_IsNotMadeAnew()
    {
        await AcceptAsync(Request("first"));
        var moved = Options.Path + ".moved";
        BeforeCommit = () =>
        {
            BeforeCommit = null;
            File.Move(Options.Path, moved);
            throw IoError;
        };

        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request("second")));
        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request("second")));

        Assert.False(File.Exists(Options.Path));
        File.Move(moved, Options.Path);
        await AcceptAsync(Request("second"));
        Assert.IsType<AcceptResult.Duplicate>(await TryAcceptAsync(Request("first")));
    }

    private void FailOnce(bool before)
    {
        void Fail()
        {
            BeforeCommit = AfterCommit = null;
            throw IoError;
        }

        if (before)
            BeforeCommit = Fail;
        else
            AfterCommit = Fail;
    }
}

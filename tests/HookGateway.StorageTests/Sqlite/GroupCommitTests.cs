using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>Who waits together is committed together, and nobody is told before.</summary>
public sealed class GroupCommitTests : SqliteStoreTest
{
    [Fact]
    public async Task Accept_ManyWhileACommitIsUnderWay_ShareTheNextOne()
    {
        var commits = 0;
        using var go = new ManualResetEventSlim();
        BeforeCommit = () =>
        {
            commits++;
            go.Wait(Soon);
        };
        var first = AcceptAsync(Request("first"));
        await UntilAsync(() => Task.FromResult(commits == 1));
        var others = Enumerable.Range(0, 200).Select(i => AcceptAsync(Request($"e{i}"))).ToArray();

        Assert.False(first.IsCompleted);
        Assert.DoesNotContain(others, o => o.IsCompleted);
        go.Set();
        await first;
        await Task.WhenAll(others);

        Assert.Equal(2, commits);
    }

    [Fact]
    public async Task Accept_DuplicateOfOneUnderWay_IsAnsweredAfterTheCommit()
    {
        using var go = new ManualResetEventSlim();
        var blocked = false;
        BeforeCommit = () =>
        {
            blocked = true;
            go.Wait(Soon);
        };
        var before = TryAcceptAsync(Request("before"));
        await UntilAsync(() => Task.FromResult(blocked));
        var first = TryAcceptAsync(Request("same"));
        var inTheSameGroup = TryAcceptAsync(Request("same"));
        var ofTheOneInCommit = TryAcceptAsync(Request("before"));

        Assert.False(inTheSameGroup.IsCompleted || ofTheOneInCommit.IsCompleted);
        go.Set();

        Assert.Equal(Id(await first), Assert.IsType<AcceptResult.Duplicate>(await inTheSameGroup).First);
        Assert.Equal(Id(await before), Assert.IsType<AcceptResult.Duplicate>(await ofTheOneInCommit).First);
    }

    [Fact]
    public async Task Accept_DuplicateOfOneThatFails_IsUnavailableAsWell()
    {
        using var go = new ManualResetEventSlim();
        var commits = 0;
        BeforeCommit = () =>
        {
            if (++commits == 1)
                go.Wait(Soon);
            else if (commits == 2)
                throw IoError;
        };
        var before = TryAcceptAsync(Request("before"));
        await UntilAsync(() => Task.FromResult(commits == 1));
        var first = TryAcceptAsync(Request("same"));
        var duplicate = TryAcceptAsync(Request("same"));
        go.Set();

        Assert.IsType<AcceptResult.Accepted>(await before);
        Assert.IsType<AcceptResult.Unavailable>(await first);
        Assert.IsType<AcceptResult.Unavailable>(await duplicate);
        Assert.IsType<AcceptResult.Accepted>(await TryAcceptAsync(Request("same")));
    }

    [Fact]
    public async Task Settle_OnlySettlements_ShareACommit()
    {
        var leased = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i => (await AcceptAsync(Request($"e{i}"))).Leased[0]));
        var commits = 0;
        BeforeCommit = () => commits++;

        await Task.WhenAll(leased.Select(d => SettleAsync(d, DeliveryState.Delivered)));

        Assert.InRange(commits, 1, 10);
        Assert.Equal(0, (await PendingAsync()).Count);
    }

    private static EventId Id(AcceptResult result) => Assert.IsType<AcceptResult.Accepted>(result).Event.Id;
}

using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>A disk that answers no more must not keep senders waiting for ever.</summary>
public sealed class StuckDiskTests : SqliteStoreTest
{
    [Fact]
    public async Task Accept_CommitDoesNotEnd_TheOthersAreRefusedUntilItDoes()
    {
        using var go = new ManualResetEventSlim();
        var blocked = false;
        BeforeCommit = () =>
        {
            blocked = true;
            go.Wait(Soon);
        };
        var inCommit = TryAcceptAsync(Request("in commit"));
        await UntilAsync(() => Task.FromResult(blocked));
        var behind = TryAcceptAsync(Request("behind"));

        Time.Advance(Options.AcceptTimeout - TimeSpan.FromSeconds(1));
        Assert.False(behind.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(2));

        Assert.IsType<AcceptResult.Unavailable>(await behind);
        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request("later")));
        Assert.False(inCommit.IsCompleted);
        go.Set();
        Assert.IsType<AcceptResult.Accepted>(await inCommit);
        await UntilAsync(async () => await TryAcceptAsync(Request("behind")) is AcceptResult.Accepted);
    }

    [Fact]
    public async Task Accept_WaitedTooLong_IsNotStored()
    {
        using var go = new ManualResetEventSlim();
        var commits = 0;
        BeforeCommit = () =>
        {
            if (++commits == 1)
                go.Wait(Soon);
        };
        var blocking = TryAcceptAsync(Request("blocking"));
        await UntilAsync(() => Task.FromResult(commits == 1));
        var late = TryAcceptAsync(Request("late"));
        Time.Advance(Options.AcceptTimeout + TimeSpan.FromMilliseconds(1));
        go.Set();

        Assert.IsType<AcceptResult.Accepted>(await blocking);
        Assert.IsType<AcceptResult.Unavailable>(await late);
        Assert.Equal(1, (await PendingAsync()).Count);
    }
}

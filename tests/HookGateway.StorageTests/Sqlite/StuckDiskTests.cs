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
    public async Task Dispose_CommitDoesNotEnd_EndsWithoutIt()
    {
        using var go = new ManualResetEventSlim();
        var blocked = false;
        BeforeCommit = () =>
        {
            blocked = true;
            go.Wait(Soon);
        };
        var inCommit = TryAcceptAsync(Request());
        await UntilAsync(() => Task.FromResult(blocked));

        var disposed = Store.DisposeAsync().AsTask();
        Time.Advance(Options.CloseTimeout - TimeSpan.FromSeconds(1));
        Assert.False(disposed.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(1));
        await disposed.WaitAsync(Soon, Cancel);

        // Whoever opens the file meanwhile is refused: this process may write yet.
        await Assert.ThrowsAsync<StoreException>(OpenAsync);
        go.Set();
        await inCommit;
    }

    [Fact]
    public async Task Accept_WaitedTooLongBehindOthers_IsNotStored()
    {
        const int Group = 256;
        using var go = new SemaphoreSlim(0);
        var commits = 0;
        BeforeCommit = () =>
        {
            commits++;
            go.Wait(Soon);
        };
        var first = TryAcceptAsync(Request("first"));
        await UntilAsync(() => Task.FromResult(commits == 1));
        var group = Enumerable.Range(0, Group).Select(i => TryAcceptAsync(Request($"e{i}"))).ToArray();
        var late = TryAcceptAsync(Request("late"));

        // Neither commit takes too long by itself.
        Time.Advance(Options.AcceptTimeout - TimeSpan.FromSeconds(1));
        go.Release();
        await UntilAsync(() => Task.FromResult(commits == 2));
        Time.Advance(TimeSpan.FromSeconds(2));
        go.Release();

        Assert.IsType<AcceptResult.Unavailable>(await late);
        Assert.IsType<AcceptResult.Accepted>(await first);
        Assert.All(await Task.WhenAll(group), r => Assert.IsType<AcceptResult.Accepted>(r));
        Assert.Equal(Group + 1, (await PendingAsync()).Count);
    }
}

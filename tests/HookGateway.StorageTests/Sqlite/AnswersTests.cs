using System.Collections.Concurrent;
using HookGateway.Storage.Sqlite.Writing;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>Whoever waited for the writer goes on elsewhere: its thread has the next events to write.</summary>
public sealed class AnswersTests : SqliteStoreTest
{
    [Fact]
    public async Task Accept_Stored_GoesOnOnThePool() =>
        Assert.IsType<AcceptResult.Accepted>(await AcceptAndGoOnOnThePoolAsync(Request()));

    [Fact]
    public async Task Accept_Duplicate_GoesOnOnThePool()
    {
        await AcceptAsync(Request());

        Assert.IsType<AcceptResult.Duplicate>(await AcceptAndGoOnOnThePoolAsync(Request()));
    }

    [Fact]
    public async Task Accept_CannotBeWritten_GoesOnOnThePool()
    {
        FillDisk();

        Assert.IsType<AcceptResult.Unavailable>(await AcceptAndGoOnOnThePoolAsync(Request()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(256)]
    public async Task Give_AnyNumber_TellsEachItsOwn(int count)
    {
        var accepts = Enumerable.Range(0, count).Select(_ => new PendingAccept(Request(), enqueuedAt: 0)).ToArray();
        foreach (var (number, accept) in accepts.Index())
            accept.Refuse($"{number}");

        Answers.Give(accepts);

        var told = await Task.WhenAll(accepts.Select(accept => accept.Task)).WaitAsync(Soon, Cancel);
        Assert.Equal(
            Enumerable.Range(0, count).Select(number => $"{number}"),
            told.Select(result => Assert.IsType<AcceptResult.Unavailable>(result).Reason));
    }

    [Fact]
    public async Task Give_MoreThanCpus_TakesNoMoreThreadsThanThere()
    {
        var cpus = Environment.ProcessorCount;
        var accepts = Enumerable.Range(0, 3 * cpus).Select(_ => new PendingAccept(Request(), enqueuedAt: 0)).ToArray();
        using var go = new ManualResetEventSlim();
        var underWay = new ConcurrentBag<int>();
        var all = Task.WhenAll(accepts.Select(accept => accept.Task.ContinueWith(
            _ =>
            {
                underWay.Add(Environment.CurrentManagedThreadId);
                go.Wait(Soon);
            },
            Cancel, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)));
        foreach (var accept in accepts)
            accept.Refuse("for the test");

        Answers.Give(accepts);
        await UntilAsync(() => Task.FromResult(underWay.Count == cpus));
        var later = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.UnsafeQueueUserWorkItem(_ => later.SetResult(), null);
        await later.Task.WaitAsync(Soon, Cancel);

        // The pool has come to what was queued after them, and none of the others has begun.
        Assert.Equal(cpus, underWay.Count);
        go.Set();
        await all.WaitAsync(Soon, Cancel);
    }

    private async Task<AcceptResult> AcceptAndGoOnOnThePoolAsync(AcceptRequest request)
    {
        var (result, isOnPool) = await Task.Run(
            async () =>
            {
                var result = await Store.AcceptAsync(request).ConfigureAwait(false);
                return (result, Thread.CurrentThread.IsThreadPoolThread);
            },
            Cancel);
        Assert.True(isOnPool);
        return result;
    }
}

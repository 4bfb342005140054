using HookGateway.Storage.Sqlite.Files;
using HookGateway.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>What reads the whole store beside events takes none of the pool's threads, and gives way all the time.</summary>
public sealed class PaceTests : SqliteStoreTest
{
    private const int Events = 4000;

    [Fact]
    public async Task Audit_OfMany_RestsAndIsNotOnThePool()
    {
        var rests = await StoreAndNoteRestsAsync();

        Assert.True((await Store.AuditAsync(Cancel)).Balanced);

        Assert.NotEmpty(rests);
        Assert.DoesNotContain(true, rests);
    }

    [Fact]
    public async Task Retention_OfMany_RestsAndIsNotOnThePool()
    {
        var rests = await StoreAndNoteRestsAsync();
        Time.Advance(TimeSpan.FromDays(2));

        // They are owed, and stay.
        await Store.RetainAsync(new RetentionLimits(Delivered: TimeSpan.FromDays(1), Dead: TimeSpan.FromDays(1)), Cancel);

        Assert.NotEmpty(rests);
        Assert.DoesNotContain(true, rests);
    }

    [Fact]
    public async Task Audit_Cancelled_EndsAtItsNextRest()
    {
        using var stop = new CancellationTokenSource();
        Options = Options with { Rest = stop.Cancel };
        await ReopenAsync();
        await StoreAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.AuditAsync(stop.Token));
    }

    [Fact]
    public void GiveWay_HalfAMillisecondOfWork_ThenRestsFive()
    {
        var (time, rests) = (new FakeTimeProvider(), new List<TimeSpan>());
        var pace = new Pace(time, rests.Add, TimeSpan.MaxValue);

        // Of 64 calls one looks, so that looking costs nothing: at 0.2 ms a look, every third is over half a millisecond.
        for (var call = 0; call < 64 * 9; call++)
        {
            time.Advance(TimeSpan.FromMilliseconds(0.2 / 64));
            pace.GiveWay();
        }

        Assert.Equal(Enumerable.Repeat(TimeSpan.FromMilliseconds(5), 3), rests);
    }

    [Fact]
    public void GiveWay_AfterItsTime_RestsNoMore()
    {
        var (time, rests) = (new FakeTimeProvider(), new List<TimeSpan>());
        var pace = new Pace(time, rests.Add, TimeSpan.FromSeconds(1));

        time.Advance(TimeSpan.FromSeconds(2));
        for (var call = 0; call < 64; call++)
            pace.GiveWay();

        Assert.Equal([TimeSpan.Zero], rests);
    }

    /// <returns>Of each rest from now on whether it was on a thread of the pool.</returns>
    private async Task<List<bool>> StoreAndNoteRestsAsync()
    {
        var rests = new List<bool>();
        Options = Options with { Rest = () => rests.Add(Thread.CurrentThread.IsThreadPoolThread) };
        await ReopenAsync();
        await StoreAsync();
        return rests;
    }

    private async Task StoreAsync() =>
        await Task.WhenAll(Enumerable.Range(0, Events).Select(number => AcceptAsync(Request($"e{number}", lease: false))));
}

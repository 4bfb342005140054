using HookGateway.Events;
using HookGateway.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>The write-ahead log: what of it survives a crash, and how large it gets.</summary>
public sealed class LogTests : SqliteStoreTest
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(-1, 4)]
    [InlineData(-20_000, 4)]
    [InlineData(100_000, 5)]
    public async Task Open_LogEndsInTheMiddleOfAFrame_EveryWholeCommitIsThere(int change, int expected)
    {
        for (var i = 0; i < 5; i++)
            await AcceptAsync(Request($"e{i}", bodySize: 30_000));

        var copy = Path.Combine(Path.GetDirectoryName(Options.Path)!, "copy.db");
        await CopyAsync(Options.Path, copy, 0);
        await CopyAsync(Options.Path + "-wal", copy + "-wal", change);
        await using var store = new SqliteEventStore(Options with { Path = copy }, Time, NullLogger<SqliteEventStore>.Instance);
        await store.OpenAsync(Cancel);

        var leased = (await store.LeaseAsync([new("jira", 10, 1_000_000)], Cancel))[0].Deliveries;

        Assert.Equal(Enumerable.Range(0, expected).Select(i => $"e{i}"), SourceIds(leased));
    }

    [Fact]
    public async Task Log_MuchIsWritten_StaysBelowItsBound()
    {
        const long Bound = 4 * 1024 * 1024;
        Options = Options with { CheckpointBytes = Bound / 4, LogBound = Bound };
        await ReopenAsync();
        for (var i = 0; i < 40; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async n =>
            {
                var accepted = await AcceptAsync(Request($"e{i}-{n}", bodySize: 50_000));
                await SettleAsync(accepted.Leased[0], DeliveryState.Delivered);
            }));
        }

        // 40 MB went through it. One group may pass the bound before the writer stands back.
        Assert.InRange(new FileInfo(Options.Path + "-wal").Length, 1, Bound + 2 * 1024 * 1024);
    }

    private static async Task CopyAsync(string from, string to, int change)
    {
        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await using var target = new FileStream(to, FileMode.Create);
        await source.CopyToAsync(target, Cancel);
        if (change > 0)
            await target.WriteAsync(new byte[change], Cancel);
        else
            target.SetLength(target.Length + change);
    }
}

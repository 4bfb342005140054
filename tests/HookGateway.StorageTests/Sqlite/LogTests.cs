using HookGateway.Events;
using HookGateway.Storage.Sqlite;
using HookGateway.Store;
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
    public async Task Open_JournalEndsInTheMiddleOfARecord_EveryWholeOneIsThere(int change, int expected)
    {
        // The database from before: it has nothing of them, however long they take.
        var copy = await OnCopyAsync();
        await AcceptFiveAsync();
        var copied = Directory.GetFiles(copy + "-events").Single();
        File.Copy(Path.Combine(Options.Path + "-events", Path.GetFileName(copied)), copied, overwrite: true);
        using (var journal = File.Open(copied, FileMode.Open))
        {
            var bytes = new byte[journal.Length];
            journal.ReadExactly(bytes);
            var end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            bytes.AsSpan(Math.Min(end, end + change), Math.Abs(change)).Fill(change > 0 ? (byte)'x' : (byte)0);
            journal.Position = 0;
            journal.Write(bytes);
        }

        Assert.Equal(Enumerable.Range(0, expected).Select(i => $"e{i}"), await DueIdsAsync(copy));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-20_000)]
    [InlineData(-60_000)]
    public async Task Open_LogOfTheDatabaseIsCut_EverythingComesFromTheJournal(int change)
    {
        await AcceptFiveAsync();
        await Store.AuditAsync(Cancel);
        var copy = await OnCopyAsync();
        using (var log = File.Open(copy + "-wal", FileMode.Open))
            log.SetLength(Math.Max(0, log.Length + change));

        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"e{i}"), await DueIdsAsync(copy));
    }

    [Fact]
    public async Task Open_JournalIsMissing_IsRefused()
    {
        await AcceptFiveAsync();
        await Store.DisposeAsync();
        var copy = CopyFiles();
        Directory.Delete(copy + "-events", recursive: true);

        var refused = await Assert.ThrowsAsync<StoreException>(() => DueIdsAsync(copy));

        Assert.Contains("from the same backup", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_JournalOfAnotherDatabase_IsRefusedAndKept()
    {
        await AcceptFiveAsync();
        await Store.DisposeAsync();
        File.Delete(Options.Path);

        var refused = await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Contains("the events of another database", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(Options.Path + "-events"));
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
                // Bodies lie in the journal, and do not pass the log.
                var request = Request($"e{i}-{n}");
                var accepted = await AcceptAsync(request with { Event = request.Event with { Headers = [new("x", new string('h', 50_000))] } });
                await SettleAsync(accepted.Leased[0], DeliveryState.Delivered);
            }));

            // Has the writer commit: else all that 100 ms bring goes into the log at once, however much that is.
            await Store.AuditAsync(Cancel);
        }

        // 40 MB went through it. One commit may pass the bound before the writer stands back.
        Assert.InRange(new FileInfo(Options.Path + "-wal").Length, 1, Bound + 2 * 1024 * 1024);
    }

    [Fact]
    public async Task Log_EveryEventIsReadAtOnce_StaysBelowItsBound()
    {
        const long Bound = 1024 * 1024;
        Options = Options with { CheckpointBytes = Bound / 4, LogBound = Bound };
        await ReopenAsync();
        for (var i = 0; i < 200; i++)
            await FindAsync((await AcceptAsync(Request($"e{i}"))).Event.Id);

        // Each reading has the writer commit, some ten pages every time.
        Assert.InRange(new FileInfo(Options.Path + "-wal").Length, 1, 3 * Bound);
    }

    [Fact]
    public async Task Log_HeldByAReader_IsNotCopiedAgainAtEveryCommit()
    {
        var copies = 0;
        Options = Options with { CheckpointBytes = 4 * 1024 * 1024, Checkpointing = () => Interlocked.Increment(ref copies) };
        await ReopenAsync();
        await AcceptAsync(Request("before"));
        await Store.AuditAsync(Cancel);
        using var reader = Connect();
        using var snapshot = reader.BeginTransaction(deferred: true);
        SqliteEngine.Scalar(reader, "SELECT count(*) FROM events");

        for (var i = 0; i < 60; i++)
        {
            var request = Request($"e{i}");
            await AcceptAsync(request with { Event = request.Event with { Headers = [new("x", new string('h', 50_000))] } });
            await Store.AuditAsync(Cancel);
        }

        // 60 commits of some 200 KB, pages of the tables among them: at 4 MB, and then at each further megabyte.
        Assert.InRange(copies, 1, 20);
    }

    private async Task AcceptFiveAsync()
    {
        for (var i = 0; i < 5; i++)
            await AcceptAsync(Request($"e{i}", bodySize: 30_000));
    }

    private Task<string> OnCopyAsync() => ((SqliteEventStore)Store).OnWriterAsync(_ => CopyFiles());

    private async Task<IEnumerable<string?>> DueIdsAsync(string path)
    {
        await using var store = new SqliteEventStore(Options with { Path = path }, Time, NullLogger<SqliteEventStore>.Instance);
        await store.OpenAsync(Cancel);
        return SourceIds((await store.LeaseAsync([new("jira", 10, 1_000_000)], Cancel))[0].Deliveries);
    }
}

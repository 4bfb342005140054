using HookGateway.Events;
using HookGateway.Storage.Sqlite;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>What fails between the journal's sync and the database's commit takes nothing back that was acknowledged.</summary>
public sealed class JournalFaultTests : SqliteStoreTest
{
    [Fact]
    public async Task Lease_OpenTransactionIsRolledBack_NothingAcknowledgedIsLost()
    {
        await AcceptAsync(Request("before", lease: false));
        await Store.AuditAsync(Cancel);

        // It goes with the connection; what SQLite does by itself when the disk is full.
        await OnWriterAsync("CREATE TEMP TRIGGER full BEFORE INSERT ON main.deliveries BEGIN SELECT RAISE(ROLLBACK, 'full'); END");
        await AcceptAsync(Request("first"));
        await TryAsync(LeaseAsync());
        await TryAcceptAsync(Request("second"));
        await BecomeWritableAsync();

        Assert.IsType<AcceptResult.Duplicate>(await TryAcceptAsync(Request("first")));
        await TryAcceptAsync(Request("second"));
        await AssertAllThereAsync("before", "first", "second");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Accept_OpenTransactionIsGone_NothingAcknowledgedIsLost(bool more)
    {
        await AcceptAsync(Request("first", lease: false));
        await TryAsync(OnWriterAsync("ROLLBACK"));
        if (more)
            await TryAcceptAsync(Request("second", lease: false));
        else
            await TryAsync(Store.AuditAsync(Cancel));

        await BecomeWritableAsync();

        await TryAcceptAsync(Request("second", lease: false));
        await AssertAllThereAsync("first", "second");
    }

    [Fact]
    public async Task Lease_JournalMayNotBeWritten_FailsAndTheWriterGoesOn()
    {
        var first = Directory.GetFiles(Options.Path + "-events").Single();
        BeforeCommit = () =>
        {
            BeforeCommit = null;
            File.Delete(first);
            Directory.CreateDirectory(first + ".new");
            throw IoError;
        };
        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request("first")));

        await Assert.ThrowsAsync<StoreException>(() => LeaseAsync());

        Directory.Delete(first + ".new");
        await AcceptAsync(Request("first"));
        await AssertAllThereAsync("first");
    }

    [Fact]
    public async Task Open_FaultInTheMiddleOfTheRedo_IsTriedAgainUntilItWorks()
    {
        await AcceptAsync(Request("before"));
        await Store.AuditAsync(Cancel);
        await AcceptAsync(Request("first"));
        AfterCommit = () =>
        {
            AfterCommit = null;
            throw IoError;
        };
        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request("second")));
        using var other = Connect();
        SqliteEngine.Scalar(other, Fault("second"));
        for (var i = 0; i < 3; i++)
            Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request($"refused{i}")));

        SqliteEngine.Scalar(other, "DROP TRIGGER fault");
        await BecomeWritableAsync();

        Assert.IsType<AcceptResult.Duplicate>(await TryAcceptAsync(Request("second")));
        await AssertAllThereAsync("before", "first", "second");
    }

    [Fact]
    public async Task Accept_FaultBeforeTheSync_StoresNothingOfItAndGoesOn()
    {
        await AcceptAsync(Request("before"));
        await Store.AuditAsync(Cancel);
        using var other = Connect();
        SqliteEngine.Scalar(other, Fault("second"));
        await AcceptAsync(Request("first"));

        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request("second")));

        await AcceptAsync(Request("third"));
        await Store.AuditAsync(Cancel);
        SqliteEngine.Scalar(other, "DROP TRIGGER fault");
        await AcceptAsync(Request("second"));
        await AssertAllThereAsync("before", "first", "second", "third");
    }

    [Fact]
    public async Task Commit_FailsHalfWay_ComesFromTheJournalOnceItCan()
    {
        await AcceptAsync(Request("before"));
        await Store.AuditAsync(Cancel);
        using var other = Connect();

        // The books are the last rows that a commit writes.
        SqliteEngine.Scalar(other, "CREATE TRIGGER fault BEFORE UPDATE ON source_books BEGIN SELECT RAISE(ABORT, 'fault'); END");
        await AcceptAsync(Request("first"));
        await UntilAsync(() => Task.FromResult(!Store.IsWritable));
        SqliteEngine.Scalar(other, "DROP TRIGGER fault");
        await BecomeWritableAsync();

        await AcceptAsync(Request("second"));
        await AssertAllThereAsync("before", "first", "second");
    }

    [Fact]
    public async Task Accept_NothingFollows_IsInTheDatabaseSoonAllTheSame()
    {
        await AcceptAsync(Request("alone"));
        using var other = Connect();

        await UntilAsync(() => Task.FromResult(SqliteEngine.Scalar(other, "SELECT count(*) FROM events") == 1));
    }

    [Fact]
    public async Task Open_JournalGoesOnWithWhatAnEarlierGroupLeft_LeavesItOut()
    {
        await AcceptAsync(Request("first"));
        await AcceptAsync(Request("second"));
        await Store.DisposeAsync();
        using (var connection = Connect())
            Append(new JournalPlace(SqliteEngine.Scalar(connection, "SELECT journal_at FROM meta")), seq: 2);

        await OpenAsync();

        await AcceptAsync(Request("third"));
        await AssertAllThereAsync("first", "second", "third");
    }

    private static string Fault(string id) =>
        $"CREATE TRIGGER fault BEFORE INSERT ON events WHEN NEW.source_id = '{id}' BEGIN SELECT RAISE(ABORT, 'fault'); END";

    private void Append(JournalPlace end, long seq)
    {
        using var journal = new JournalWriter(new JournalSegments(Options.Path), end);
        journal.Begin();
        journal.BeginRecord(out var record);
        var request = Request("left");
        var stored = request.Event with { Id = new EventId(Guid.CreateVersion7(Time.GetUtcNow())) };
        new AcceptedEvent(seq, stored, request.Disposition, request.Deliveries, request.DedupeKey, long.MaxValue, 0).Write(record);
        journal.Append();
        journal.Sync();
    }

    /// <summary>Fails, unless the transaction was committed meanwhile.</summary>
    private static async Task TryAsync<T>(Task<T> action)
    {
        try
        {
            await action;
        }
        catch (StoreException)
        {
        }
    }

    // One step of the clock alone: on a busy machine many would pass the dedupe window.
    private async Task BecomeWritableAsync()
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        await Store.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);
    }

    private async Task AssertAllThereAsync(params string[] ids)
    {
        var report = await Store.AuditAsync(Cancel);
        Assert.Equal(0, report.Unaccounted);
        await ReopenAsync();
        Assert.Equal(ids, SourceIds((await LeaseAsync()).Deliveries).Order(StringComparer.Ordinal));
    }
}

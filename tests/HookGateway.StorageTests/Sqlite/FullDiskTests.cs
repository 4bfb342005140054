using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>A disk without room refuses events, loses nothing, and needs no restart once there is room.</summary>
public sealed class FullDiskTests : SqliteStoreTest
{
    private const int Large = 500_000;

    [Fact]
    public async Task Accept_DiskFull_IsUnavailableAndAcceptedOnceThereIsRoom()
    {
        var stored = await AcceptAsync(Request("stored"));
        FillDisk();

        var refused = await TryAcceptAsync(Request("refused", bodySize: Large));

        Assert.IsType<AcceptResult.Unavailable>(refused);
        Assert.False(Store.IsWritable);
        Assert.Equal(new AcceptResult.Duplicate(stored.Event.Id), await TryAcceptAsync(Request("stored")));
        Assert.Equal(1, (await PendingAsync()).Count);
        FreeDisk();
        await AcceptAsync(Request("refused", bodySize: Large));
        Assert.True(Store.IsWritable);
        await ReopenAsync();
        Assert.Equal(2, (await LeaseAsync()).Deliveries.Count);
    }

    [Fact]
    public async Task Accept_NewNamesInAFailedGroup_AreWrittenWithTheNextOne()
    {
        FillDisk();
        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request(source: "new", to: ["newer"], bodySize: Large)));
        FreeDisk();
        await AcceptAsync(Request(source: "new", to: ["newer"], bodySize: Large));
        await ReopenAsync();

        var delivery = Assert.Single((await LeaseAsync("newer")).Deliveries);

        Assert.Equal(("new", "newer"), (delivery.Event.Source, delivery.Destination));
    }

    [Fact]
    public async Task Settle_CannotBeWritten_IsTriedAgainUntilItIs()
    {
        var delivery = (await AcceptAsync(Request())).Leased[0];
        var failing = true;
        BeforeCommit = () =>
        {
            if (failing)
                throw new Microsoft.Data.Sqlite.SqliteException("database or disk is full", 13, 13);
        };
        var settled = SettleAsync(delivery, DeliveryState.Delivered);
        await UntilAsync(() => Task.FromResult(!Store.IsWritable));
        var writable = Store.WhenWritableAsync(Cancel);
        Time.Advance(TimeSpan.FromSeconds(2));

        Assert.IsType<AcceptResult.Unavailable>(await TryAcceptAsync(Request("other")));
        Assert.False(settled.IsCompleted || writable.IsCompleted);
        failing = false;
        Time.Advance(TimeSpan.FromSeconds(1));
        await settled.WaitAsync(Soon, Cancel);
        await writable.WaitAsync(Soon, Cancel);

        Assert.True(Store.IsWritable);
        Assert.Equal(DeliveryState.Delivered, (await FindDeliveryAsync(delivery)).State);
    }

    [Fact]
    public async Task IsWritable_NothingWaits_ComesBackByItself()
    {
        FillDisk();
        await TryAcceptAsync(Request(bodySize: Large));
        Assert.False(Store.IsWritable);
        FreeDisk();

        Time.Advance(TimeSpan.FromSeconds(1));

        await Store.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);
    }

    [Fact]
    public async Task Accept_DatabaseCannotGrow_IsStoredAllTheSame()
    {
        await OnWriterAsync("PRAGMA max_page_count = 1");
        for (var i = 0; Store.IsWritable; i++)
        {
            Assert.True(i < 100_000, "it never filled up");
            await TryAcceptAsync(Request($"e{i}", to: []));
        }

        // The file is opened anew, with room; what was acknowledged comes from the journal.
        Time.Advance(TimeSpan.FromSeconds(1));
        await Store.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);
        Assert.IsType<AcceptResult.Duplicate>(await TryAcceptAsync(Request("e0")));
        var report = await Store.AuditAsync(Cancel);
        Assert.True(report.Balanced);
        Assert.True(report.Sources[0].Counted.Accepted > 0);
    }
}

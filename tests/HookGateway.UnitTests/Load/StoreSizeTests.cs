using HookGateway.Load.Peers;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class StoreSizeTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    [Fact]
    public async Task Of_ClosedStore_HasItsEventsItsFileAndWhatIsWrittenOfItsJournal()
    {
        var path = Path.Combine(_files.Path, "store.db");
        Assert.Equal(default, StoreSize.Of(path));

        await StoreFiller.FillAsync(path, new StoreContent { Delivered = 30, Pending = 5 }, TestContext.Current.CancellationToken);

        var (bytes, events) = StoreSize.Of(path);
        var journal = await File.ReadAllBytesAsync(Path.Combine($"{path}-events", "0000000001.log"), TestContext.Current.CancellationToken);
        Assert.Equal(35, events);
        Assert.Equal(new FileInfo(path).Length + journal.AsSpan().LastIndexOfAnyExcept((byte)0) + 1, bytes, 8.0);
    }

    [Fact]
    public void Of_LogIsLeft_SaysThatItWasNotClosedInOrder()
    {
        _files.Write("store.db-wal", "frames");

        Assert.Throws<InvalidOperationException>(() => StoreSize.Of(Path.Combine(_files.Path, "store.db")));
    }

    [Fact]
    public void GrowthPerEvent_EnoughEvents_IsWhatCameSince() =>
        Assert.Equal(2500, new StoreSize(1_000_000 + (50_000 * 2500), 70_000).GrowthPerEvent(new StoreSize(1_000_000, 20_000)));

    [Fact]
    public void GrowthPerEvent_FewEvents_IsNotTold() =>
        Assert.Null(new StoreSize(200_000_000, 69_999).GrowthPerEvent(new StoreSize(1_000_000, 20_000)));

    public void Dispose() => _files.Dispose();
}

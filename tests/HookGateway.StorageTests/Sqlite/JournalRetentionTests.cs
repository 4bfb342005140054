using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>The journal's files go with their events; what is left of a file that few are left of is kept elsewhere.</summary>
public sealed class JournalRetentionTests : SqliteStoreTest
{
    private static readonly RetentionLimits Limits = new(Delivered: TimeSpan.FromDays(1), Dead: TimeSpan.FromDays(9));

    [Fact]
    public async Task Retain_AllEventsOfAFileAreGone_DeletesItAnHourLater()
    {
        var first = Assert.Single(Files());
        await DeliverAsync(count: 30);
        Assert.NotEqual(first, Files()[^1]);
        await AcceptAsync(Request("young"));

        Time.Advance(TimeSpan.FromDays(2));
        await AcceptAsync(Request("younger"));
        await Store.RetainAsync(Limits, Cancel);
        Assert.Contains(first, Files());
        Time.Advance(TimeSpan.FromHours(1));
        await Store.RetainAsync(Limits, Cancel);

        Assert.DoesNotContain(first, Files());
        await ReopenAsync();
        Assert.Equal(["young", "younger"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Fact]
    public async Task Retain_FewEventsAreLeftOfAFile_KeepsTheirBodiesWithoutIt()
    {
        var first = Assert.Single(Files());
        var owed = await AcceptAsync(Request("owed", bodySize: 100_000));
        await DeliverAsync(count: 30);
        Time.Advance(TimeSpan.FromDays(2));

        await Store.RetainAsync(Limits, Cancel);
        Time.Advance(TimeSpan.FromHours(1));
        await Store.RetainAsync(Limits, Cancel);

        Assert.DoesNotContain(first, Files());
        await ReopenAsync();
        var delivery = Assert.Single((await LeaseAsync(bytes: 1_000_000)).Deliveries);
        Assert.Equal(owed.Event.Body.ToArray(), delivery.Event.Body.ToArray());
        Assert.Equal(owed.Event.Body.ToArray(), (await FindAsync(owed.Event.Id)).Event.Body.ToArray());
    }

    [Fact]
    public async Task Retain_ManyEventsAreLeftOfAFile_KeepsIt()
    {
        var first = Assert.Single(Files());
        for (var i = 0; i < 10; i++)
            await AcceptAsync(Request($"owed{i}", bodySize: 50_000));

        await DeliverAsync(count: 30);
        Time.Advance(TimeSpan.FromDays(2));
        await Store.RetainAsync(Limits, Cancel);
        Time.Advance(TimeSpan.FromHours(1));
        await Store.RetainAsync(Limits, Cancel);

        Assert.Contains(first, Files());
        await ReopenAsync();
        Assert.Equal(10, (await LeaseAsync(bytes: 1_000_000)).Deliveries.Count);
    }

    [Fact]
    public async Task Retain_ABodyThatIsLeftHasRotted_KeepsItsFileAndDeletesTheOthers()
    {
        await AcceptAsync(Request("owed", bodySize: 100_000));
        await DeliverAsync(count: 80);
        var files = Files();
        Assert.True(files.Count > 2);
        using (var file = File.Open(files[0], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = 50_000;
            file.WriteByte((byte)'?');
        }

        Time.Advance(TimeSpan.FromDays(2));
        await Store.RetainAsync(Limits, Cancel);
        Time.Advance(TimeSpan.FromHours(1));
        await Store.RetainAsync(Limits, Cancel);

        Assert.Contains(files[0], Files());
        Assert.DoesNotContain(files[1], Files());
    }

    private List<string> Files() => [.. Directory.GetFiles(Options.Path + "-events", "*.log").Order(StringComparer.Ordinal)];

    private async Task DeliverAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await SettleAsync((await AcceptAsync(Request($"done{i}", bodySize: 50_000))).Leased[0], DeliveryState.Delivered);
    }
}

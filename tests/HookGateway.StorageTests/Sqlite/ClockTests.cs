using HookGateway.Events;
using HookGateway.Store;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>
/// The machine's clock is set, by hours or days, in a running store and while none runs: nothing waits for the clock to catch
/// up, and nothing that is owed goes.
/// </summary>
public sealed class ClockTests : SqliteStoreTest
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);
    private static readonly RetentionLimits Limits = new(TimeSpan.FromDays(7), TimeSpan.FromDays(30));

    private SettableClock? _machine;

    protected override TimeProvider Machine => _machine ??= new SettableClock(Time);

    [Theory]
    [InlineData(-1, false)]
    [InlineData(-1, true)]
    [InlineData(-24 * 30, false)]
    [InlineData(-24 * 30, true)]
    public async Task Retry_ClockSetBack_IsDueWhenItWouldHaveBeen(int hours, bool whileStopped)
    {
        var retried = await AcceptedAsync("retried");
        await SettleAsync(retried, DeliveryState.Retrying, dueIn: Wait);
        await AcceptAsync(Request("waiting", lease: false));

        await SetAsync(TimeSpan.FromHours(hours), whileStopped);

        Assert.Equal(["waiting"], SourceIds((await LeaseAsync()).Deliveries));
        Time.Advance(Wait);
        Assert.Equal(["retried"], SourceIds((await LeaseAsync()).Deliveries));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(-1, true)]
    [InlineData(24 * 365, false)]
    [InlineData(24 * 365, true)]
    public async Task Accept_ClockSet_IdsGoOnRising(int hours, bool whileStopped)
    {
        var before = await AcceptedAsync("before");

        await SetAsync(TimeSpan.FromHours(hours), whileStopped);

        var after = await AcceptedAsync("after");
        Assert.True(string.CompareOrdinal(after.Event.Id.ToString(), before.Event.Id.ToString()) > 0);
        Assert.NotNull(await Store.FindAsync(before.Event.Id, Cancel));
        Assert.NotNull(await Store.FindAsync(after.Event.Id, Cancel));
    }

    [Theory]
    [InlineData(-24 * 30, false)]
    [InlineData(-24 * 30, true)]
    public async Task Dedupe_ClockSetBack_TheWindowIsAsLongAsItWas(int hours, bool whileStopped)
    {
        await AcceptedAsync("first");
        await SetAsync(TimeSpan.FromHours(hours), whileStopped);

        Time.Advance(Window - TimeSpan.FromSeconds(1));
        Assert.IsType<AcceptResult.Duplicate>(await TryAcceptAsync(Request("first")));
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.IsType<AcceptResult.Accepted>(await TryAcceptAsync(Request("first")));
    }

    [Fact]
    public async Task Retain_ClockSetForwardByYears_KeepsWhatIsOwed()
    {
        await AcceptedAsync("owed");
        await SettleAsync(await AcceptedAsync("delivered"), DeliveryState.Delivered);

        _machine!.SetBy(TimeSpan.FromDays(3650));

        Assert.Equal(1, await Store.RetainAsync(Limits, Cancel));
        Assert.Equal(1, (await PendingAsync()).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retain_ClockSetBack_DeletesWhenItsTimeHasPassed(bool whileStopped)
    {
        await SettleAsync(await AcceptedAsync("delivered"), DeliveryState.Delivered);
        await SetAsync(TimeSpan.FromDays(-300), whileStopped);

        Time.Advance(Limits.Delivered - TimeSpan.FromHours(1));
        Assert.Equal(0, await Store.RetainAsync(Limits, Cancel));
        Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await Store.RetainAsync(Limits, Cancel));
    }

    private async Task SetAsync(TimeSpan by, bool whileStopped)
    {
        if (whileStopped)
            await Store.DisposeAsync();

        _machine!.SetBy(by);
        if (whileStopped)
            await OpenAsync();
    }

    private async Task<Delivery> AcceptedAsync(string id) => Assert.Single((await AcceptAsync(Request(id))).Leased);
}

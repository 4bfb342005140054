using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.UnitTests.Configuration;
using HookGateway.UnitTests.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Pipeline;

/// <summary>Of several gateways one runs the bulk replays, whoever began them.</summary>
public sealed class BulkReplaysTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedStore _store = new();

    [Fact]
    public async Task Run_AnotherGatewayLeads_StepsNothingUntilItDoesNot()
    {
        var asked = 0;
        var leads = false;
        _store.OnLead = () =>
        {
            Interlocked.Increment(ref asked);
            return Volatile.Read(ref leads);
        };
        _store.OnListBulkReplays = () => [Running()];
        await using var services = Services();
        using var replays = services.GetRequiredService<BulkReplays>();
        await replays.StartAsync(TestContext.Current.CancellationToken);

        await AdvanceUntilAsync(() => Volatile.Read(ref asked) > 3, "it to ask for the lead");
        Assert.Equal(0, _store.BulkSteps);

        Volatile.Write(ref leads, true);
        await AdvanceUntilAsync(() => _store.BulkSteps > 3, "it to take over");

        // It loses the lead while it runs.
        Volatile.Write(ref leads, false);
        var before = Volatile.Read(ref asked);
        await AdvanceUntilAsync(() => Volatile.Read(ref asked) > before, "it to ask again");
        var steps = 0;
        await AdvanceUntilAsync(() => steps == (steps = _store.BulkSteps) && Volatile.Read(ref asked) > before + 3, "it to stop");

        await replays.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Run_BegunByAnotherGateway_IsFound()
    {
        IReadOnlyList<BulkReplay> known = [];
        _store.OnListBulkReplays = () => Volatile.Read(ref known);
        await using var services = Services();
        using var replays = services.GetRequiredService<BulkReplays>();
        await replays.StartAsync(TestContext.Current.CancellationToken);

        Volatile.Write(ref known, [Running()]);
        await AdvanceUntilAsync(() => _store.BulkSteps > 0, "it to be found");

        await replays.StopAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private Task AdvanceUntilAsync(Func<bool> condition, string what) => Wait.UntilAsync(
        () =>
        {
            _time.Advance(BulkReplays.LookEvery);
            return condition();
        },
        what);

    private static BulkReplay Running() => new()
    {
        Id = 1,
        Request = new BulkReplayRequest { Filter = new EventFilter() },
        State = BulkReplayState.Running,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Total = 100,
        Scanned = 0,
        Matched = 0,
        Skipped = 0,
        Made = 0,
        Delivered = 0,
        Dead = 0,
    };

    private ServiceProvider Services() => new ServiceCollection().AddLogging().AddRouting().AddMetrics()
        .AddSingleton<TimeProvider>(_time).AddSingleton<IEventStore>(_store)
        .AddHookGateway(Given.Configuration(Given.Whole)).BuildServiceProvider();
}

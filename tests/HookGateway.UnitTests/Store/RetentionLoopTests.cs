using HookGateway.Configuration;
using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.UnitTests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Store;

public sealed class RetentionLoopTests : IDisposable
{
    private static readonly GatewayConfiguration Configuration =
        Given.Configuration(Given.Whole + "storage: { retention: { delivered: 2d, dead: 3d } }");

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedStore _store = new();
    private readonly RetentionLoop _loop;

    public RetentionLoopTests() => _loop = new RetentionLoop(Configuration, _store, _time, NullLogger<RetentionLoop>.Instance);

    public void Dispose() => _loop.Dispose();

    [Fact]
    public async Task Run_AsTimePasses_AppliesTheConfiguredLimitsAgainAndAgain()
    {
        await _loop.StartAsync(TestContext.Current.CancellationToken);

        for (var run = 0; run < 3; run++)
            Assert.Equal(new RetentionLimits(TimeSpan.FromDays(2), TimeSpan.FromDays(3)), await RetainedAsync());

        await _loop.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Run_StoreCannotDelete_TriesAgain()
    {
        _store.Failure = new StoreException("The disk is full.");
        await _loop.StartAsync(TestContext.Current.CancellationToken);

        await RetainedAsync();
        await RetainedAsync();

        await _loop.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Run_AnotherGatewayLeads_DeletesNothingUntilItDoesNotAnyMore()
    {
        var asked = 0;
        _store.OnLead = () => ++asked > 3;
        await _loop.StartAsync(TestContext.Current.CancellationToken);

        await RetainedAsync();

        Assert.True(asked > 3);
        await _loop.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("storage: { engine: redis, connection: x }", 1)]
    [InlineData("storage: { engine: sqlite }", 10)]
    public async Task Run_BodiesAreDropped_ComesEveryMinute(string storage, int minutes)
    {
        var time = new WatchedTime();
        using var loop = new RetentionLoop(Given.Configuration(Given.Whole + storage), _store, time, NullLogger<RetentionLoop>.Instance);
        await loop.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromMinutes(minutes), await time.Period.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));

        await loop.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Gateway_Registered_HasIt() => Assert.Contains(
        new ServiceCollection().AddHookGateway(Configuration),
        service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(RetentionLoop));

    private async Task<RetentionLimits> RetainedAsync()
    {
        RetentionLimits limits = default;
        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMinutes(1));
                return _store.Retained.TryRead(out limits);
            },
            "retention");
        return limits;
    }

    private sealed class WatchedTime : FakeTimeProvider
    {
        public TaskCompletionSource<TimeSpan> Period { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Period.TrySetResult(period);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}

using System.Collections.Concurrent;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.UnitTests.Configuration;
using HookGateway.UnitTests.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

/// <summary>What goes between the lanes and the store, with a real downstream.</summary>
public sealed class LanesTests
{
    [Fact]
    public async Task Dispatch_StoreCannotWrite_SendsNothingUntilItCan()
    {
        await using var downstream = await Receiver.StartAsync();
        var writable = new TaskCompletionSource();
        var store = new ScriptedStore { Writable = writable.Task };
        await using var services = ServicesFor(downstream);
        using var lanes = LanesOf(services, store);

        Dispatch(lanes, 1);

        // Its outcome could not be recorded, and it would be sent again.
        await Wait.UntilAsync(() => store.WaitForWritable == 1, "the lane to wait for the store");
        Assert.Empty(downstream.Arrivals);
        writable.SetResult();
        await Wait.UntilAsync(() => !store.Settled.IsEmpty, "the settlement");
        Assert.Equal(DeliveryState.Delivered, Assert.Single(store.Settled).State);
        Assert.Single(downstream.Arrivals);
    }

    /// <summary>A commit that was reported as failed can be on disk all the same: its deliveries are due, and no lane was told.</summary>
    [Fact]
    public async Task LookAgainWhenWritable_StoreCanWriteAgain_LeasesWhatMayBeDue()
    {
        await using var downstream = await Receiver.StartAsync();
        var (leases, writable) = (0, new TaskCompletionSource());
        var store = new ScriptedStore
        {
            OnLease = _ =>
            {
                Interlocked.Increment(ref leases);
                return new LeaseResult([], More: false, NextDue: null);
            },
        };
        await using var services = ServicesFor(downstream);
        using var lanes = LanesOf(services, store);
        await lanes.StartAsync(TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => Volatile.Read(ref leases) == 2, "both lanes to ask at the start");

        store.Writable = writable.Task;
        lanes.LookAgainWhenWritable();
        lanes.LookAgainWhenWritable();
        await Wait.UntilAsync(() => store.WaitForWritable == 1, "somebody to wait for the store");
        Assert.Equal(2, Volatile.Read(ref leases));

        writable.SetResult();
        await Wait.UntilAsync(() => Volatile.Read(ref leases) == 3, "the lane to ask again");
        await lanes.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Share_OthersPauseAndResume_FollowsOnceEach()
    {
        await using var downstream = await Receiver.StartAsync();
        var share = new ScriptedShare();
        var leases = 0;
        var store = new ScriptedStore
        {
            SharedDestinations = share,
            OnLease = _ =>
            {
                Interlocked.Increment(ref leases);
                return new LeaseResult([], More: false, NextDue: null);
            },
        };
        await using var services = ServicesFor(downstream);
        using var lanes = LanesOf(services, store);
        await lanes.StartAsync(TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => Volatile.Read(ref leases) == 2, "both lanes to ask at the start");

        share.States = new DestinationStates(["jira", "no longer configured"], []);
        await ShareAsync(lanes, share);
        Assert.False(Assert.Single(lanes.Reserve(["jira"], 10, ordered: false)).Lease);

        share.States = new DestinationStates([], []);
        await ShareAsync(lanes, share);
        await Wait.UntilAsync(() => Volatile.Read(ref leases) == 4, "both lanes to go on");
        await ShareAsync(lanes, share);
        Assert.True(Assert.Single(lanes.Reserve(["jira"], 10, ordered: false)).Lease);
        await lanes.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(4, Volatile.Read(ref leases));
    }

    [Fact]
    public async Task Share_BreakerOpensHere_IsToldToOthers()
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(_ => Answer.Status(503));
        var share = new ScriptedShare();
        var store = new ScriptedStore { SharedDestinations = share };
        await using var services = ServicesFor(downstream);
        using var lanes = LanesOf(services, store);
        await ShareAsync(lanes, share);
        Assert.Empty(share.Told);

        Dispatch(lanes, 10);
        await Wait.UntilAsync(() => lanes.BreakerState("jira") == 2, "the breaker to open");
        await ShareAsync(lanes, share);

        var told = Assert.Single(share.Told);
        Assert.Equal("jira", told.Destination);
        Assert.InRange(told.Remaining, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Share_OpenElsewhere_SendsNothingAndGoesOnAtOnceWhenItCloses()
    {
        await using var downstream = await Receiver.StartAsync();
        var share = new ScriptedShare { States = new DestinationStates([], [new OpenBreaker("jira", TimeSpan.FromHours(1))]) };
        var store = new ScriptedStore { SharedDestinations = share };
        await using var services = ServicesFor(downstream);
        var log = new LogLines();
        using var lanes = LanesOf(services, store, log);
        await ShareAsync(lanes, share);
        Assert.Equal(2, lanes.BreakerState("jira"));
        Dispatch(lanes, 1);
        await Wait.UntilAsync(() => log.Lines.Any(line => line.Contains("left alone for", StringComparison.Ordinal)), "the lane to be parked");

        share.States = new DestinationStates([], []);
        await ShareAsync(lanes, share);

        await downstream.WaitForAsync(1);
        Assert.Equal(0, lanes.BreakerState("jira"));
    }

    [Fact]
    public async Task Sharing_BreakerOpens_TellsAtOnceAndTakesItBackWhenItStops()
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(_ => Answer.Status(503));
        var share = new ScriptedShare();
        var store = new ScriptedStore { SharedDestinations = share };
        await using var services = ServicesFor(downstream);
        using var lanes = LanesOf(services, store, out var pipelines);

        // Its clock stands still: nothing is told by turns.
        using var sharing = new DestinationSharing(store, lanes, pipelines, new FakeTimeProvider());
        await sharing.StartAsync(TestContext.Current.CancellationToken);

        Dispatch(lanes, 10);
        await Wait.UntilAsync(() => share.Told.Count == 1, "the breaker to be told");
        await sharing.StopAsync(TestContext.Current.CancellationToken);

        Assert.Empty(share.Told);
    }

    private static Task ShareAsync(Lanes lanes, ScriptedShare share) => lanes.ShareAsync(share, TestContext.Current.CancellationToken);

    private static void Dispatch(Lanes lanes, int events)
    {
        for (var i = 0; i < events; i++)
        {
            var accepted = LaneTests.NewDelivery().Event;
            lanes.Dispatch(
                lanes.Reserve(["jira"], accepted.Size, ordered: false),
                [new Delivery { Event = accepted, Destination = "jira", Ordinal = 0, Attempts = 0, Lease = new Lease(1, 1) }],
                accepted.Size);
        }
    }

    private static ServiceProvider ServicesFor(Receiver downstream)
    {
        var configuration = Given.Configuration(Given.Destination($"url: {downstream.Url}"));
        return new ServiceCollection().AddLogging().AddRouting().AddMetrics().AddSingleton(TimeProvider.System)
            .AddSingleton(configuration).AddSingleton<GatewayMetrics>().AddDestinations(configuration).BuildServiceProvider();
    }

    private static Lanes LanesOf(ServiceProvider services, IEventStore store, ILogger<Lanes>? log = null) =>
        LanesOf(services, store, out _, log);

    private static Lanes LanesOf(ServiceProvider services, IEventStore store, out DestinationPipelines pipelines, ILogger<Lanes>? log = null)
    {
        var configuration = services.GetRequiredService<GatewayConfiguration>();
        var steady = new SteadyTimeProvider(TimeProvider.System);
        pipelines = new DestinationPipelines(configuration, services.GetRequiredService<DestinationClusters>(), steady);
        return new Lanes(
            configuration, store, pipelines, services.GetRequiredService<GatewayMetrics>(), new EventFeed(TimeProvider.System),
            TimeProvider.System, steady, log ?? NullLogger<Lanes>.Instance);
    }

    private sealed class LogLines : ILogger<Lanes>
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));
    }
}

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
using Microsoft.Extensions.Logging.Abstractions;
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
        var accepted = LaneTests.NewDelivery().Event;

        var owed = lanes.Reserve(["jira"], accepted.Size, ordered: false);
        lanes.Dispatch(
            owed,
            [new Delivery { Event = accepted, Destination = "jira", Ordinal = 0, Attempts = 0, Lease = new Lease(1, 1) }],
            accepted.Size);

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

    private static ServiceProvider ServicesFor(Receiver downstream)
    {
        var configuration = Given.Configuration(Given.Destination($"url: {downstream.Url}"));
        return new ServiceCollection().AddLogging().AddRouting().AddMetrics().AddSingleton(TimeProvider.System)
            .AddSingleton(configuration).AddSingleton<GatewayMetrics>().AddDestinations(configuration).BuildServiceProvider();
    }

    private static Lanes LanesOf(ServiceProvider services, IEventStore store)
    {
        var configuration = services.GetRequiredService<GatewayConfiguration>();
        var steady = new SteadyTimeProvider(TimeProvider.System);
        var pipelines = new DestinationPipelines(configuration, services.GetRequiredService<DestinationClusters>(), steady);
        return new Lanes(
            configuration, store, pipelines, services.GetRequiredService<GatewayMetrics>(), new EventFeed(TimeProvider.System),
            TimeProvider.System, steady, NullLogger<Lanes>.Instance);
    }
}

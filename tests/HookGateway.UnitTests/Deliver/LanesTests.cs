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
        var configuration = Given.Configuration(Given.Destination($"url: {downstream.Url}"));
        await using var services = new ServiceCollection().AddLogging().AddRouting().AddMetrics().AddSingleton(TimeProvider.System)
            .AddSingleton(configuration).AddSingleton<GatewayMetrics>().AddDestinations(configuration).BuildServiceProvider();
        var writable = new TaskCompletionSource();
        var store = new ScriptedStore { Writable = writable.Task };
        var steady = new SteadyTimeProvider(TimeProvider.System);
        var pipelines = new DestinationPipelines(configuration, services.GetRequiredService<DestinationClusters>(), steady);
        using var lanes = new Lanes(
            configuration, store, pipelines, services.GetRequiredService<GatewayMetrics>(), TimeProvider.System, steady,
            NullLogger<Lanes>.Instance);
        var accepted = LaneTests.NewDelivery().Event;

        var owed = lanes.Reserve(["jira"], accepted.Size);
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
}

using HookGateway.Testing.Redis;
using Xunit;

namespace HookGateway.ResilienceTests.Redis;

/// <summary>Gateways are replaced one after the other under load, as by a rollout: neither senders nor downstreams notice.</summary>
public sealed class RollingRestartTests(ITestOutputHelper output)
{
    private const int Gateways = 2;
    private const int Rounds = 2;

    [Fact]
    public async Task Restart_OneGatewayAfterTheOtherUnderLoad_RefusesLosesAndRepeatsNothing()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");

        // A disk that stands still for some seconds is no reason to refuse.
        await using var fleet = await GatewayFleet.StartAsync(Gateways, $"{redis.Connection},asyncTimeout=25000");
        await using var senders = new FleetSenders(fleet);
        senders.Start();

        for (var i = 0; i < Rounds * Gateways; i++)
        {
            var gateway = i % Gateways;
            await senders.SentSomeAsync();
            await senders.Rotation.TakeOutAsync(gateway);
            Assert.Equal(0, await fleet.Gateways[gateway].TerminateAsync());
            await senders.SentSomeAsync();
            await fleet.Gateways[gateway].StartAgainAsync();
            senders.Rotation.PutBack(gateway);
        }

        var sent = await senders.StopAsync();
        await fleet.AssertDeliveredAsync(sent);

        output.WriteLine($"{Rounds * Gateways} restarts, {sent.Count} events acknowledged");
        Assert.All(sent, one => Assert.Equal(1, one.Tries));
        Assert.Equal(sent.Count, fleet.Any.Arrivals.Count);
        Assert.Equal(sent.Count, fleet.Ordered.Arrivals.Count);
    }
}

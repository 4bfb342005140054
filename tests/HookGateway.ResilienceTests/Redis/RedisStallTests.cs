using System.Net;
using System.Net.Sockets;
using HookGateway.Testing;
using HookGateway.Testing.Redis;
using Xunit;

namespace HookGateway.ResilienceTests.Redis;

/// <summary>A Redis that is there but does not serve: the gateways refuse, come back by themselves, and lose nothing.</summary>
public sealed class RedisStallTests(ITestOutputHelper output)
{
    private const int Storm = 500;
    private const int Kills = 15;

    [Fact]
    public async Task Redis_StandsStillIsSlowStormedAndCutsConnections_LosesNothing()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var fleet = await GatewayFleet.StartAsync(2, redis.Connection);
        await using var senders = new FleetSenders(fleet);
        senders.Start();
        await senders.SentSomeAsync();

        redis.Pause();
        await Wait.UntilAsync(() => senders.Refused > 0, "events to be refused");
        redis.Resume();
        await fleet.WhenReadyAsync();
        await senders.SentSomeAsync();

        for (var i = 0; i < 5; i++)
        {
            await redis.RunAsync("CLIENT PAUSE 200 WRITE");
            await senders.SentSomeAsync();
        }

        await StormAsync(redis.Port);
        await redis.RunAsync("CLIENT KILL TYPE normal SKIPME yes");
        await redis.RunAsync("SCRIPT FLUSH");
        await fleet.WhenReadyAsync();
        await senders.SentSomeAsync();

        var sent = await senders.StopAsync();
        await fleet.AssertDeliveredAsync(sent);
        output.WriteLine($"{sent.Count} events acknowledged, {senders.Refused} times 503");
    }

    [Fact]
    public async Task Connections_KilledAgainAndAgain_LosesNothing()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var fleet = await GatewayFleet.StartAsync(2, redis.Connection);
        await using var senders = new FleetSenders(fleet);
        senders.Start();

        for (var i = 0; i < Kills; i++)
        {
            await senders.SentSomeAsync();
            await redis.RunAsync("CLIENT KILL TYPE normal SKIPME yes");
            await redis.RunAsync("CLIENT KILL TYPE pubsub");
        }

        var sent = await senders.StopAsync();
        await fleet.AssertDeliveredAsync(sent);
        output.WriteLine($"{Kills} times all connections killed, {sent.Count} events acknowledged, {senders.Refused} times 503");
    }

    [Fact]
    public async Task Network_SlowThenOneGatewayIsCutOff_TheOtherGoesOnAndNothingIsLost()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var way = new TcpRelay(redis.Port);
        await using var fleet = await GatewayFleet.StartAsync(redis.Connection, way.Connection);
        await using var senders = new FleetSenders(fleet);
        senders.Start();

        way.Delay = TimeSpan.FromMilliseconds(20);
        await senders.SentSomeAsync();
        way.Delay = TimeSpan.Zero;

        // Neither end is told: what is sent does not arrive.
        way.Part();
        var before = senders.Refused;
        await Wait.UntilAsync(() => senders.Refused > before, "events to be refused", TimeSpan.FromSeconds(60));
        await senders.SentSomeAsync();
        way.Mend();
        await fleet.WhenReadyAsync();
        await senders.SentSomeAsync();

        var sent = await senders.StopAsync();
        await fleet.AssertDeliveredAsync(sent);
        output.WriteLine($"{sent.Count} events acknowledged, {senders.Refused} times 503");
    }

    private static async Task StormAsync(int port)
    {
        var clients = Enumerable.Range(0, Storm).Select(_ => new TcpClient()).ToArray();
        try
        {
            await Task.WhenAll(clients.Select(client => client.ConnectAsync(IPAddress.Loopback, port)));
        }
        finally
        {
            foreach (var client in clients)
                client.Dispose();
        }
    }
}

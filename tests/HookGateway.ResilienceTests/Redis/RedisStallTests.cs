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

using System.Diagnostics;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Redis;
using Xunit;

namespace HookGateway.ResilienceTests.Redis;

/// <summary>Gateways on one Redis, while it and they are killed again and again: what was acknowledged arrives, once known, in order.</summary>
public sealed class RedisKillTests(ITestOutputHelper output)
{
    private static readonly int Kills = KillCount.Or(6);

    private readonly Random _random = new(Environment.ProcessId);

    // Three in the long form.
    private static int Gateways => Kills > 10 ? 3 : 2;

    [Fact]
    public async Task Kill_GatewayAndRedisUnderLoad_LosesNothingRepeatsAreKnownAndNoKeyGoesBack()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var fleet = await GatewayFleet.StartAsync(Gateways, redis.Connection);

        // Destinations that fail now and then keep retries, and so due times and leases, in the picture.
        fleet.Any.AnswerWith(arrival => arrival.Number % 7 == 0 ? Answer.Status(503) : Answer.Ok);
        fleet.Ordered.AnswerWith(arrival => arrival.Number % 9 == 0 ? Answer.Status(503) : Answer.Ok);
        await using var senders = new FleetSenders(fleet);
        senders.Start();

        var back = TimeSpan.Zero;
        for (var kill = 0; kill < Kills; kill++)
        {
            await PauseAsync(800);
            var gateway = kill % 3 < 2 ? fleet.Gateways[kill % Gateways] : null;
            var killsRedis = kill % 3 != 1;
            await KillAsync(gateway, killsRedis ? redis : null);
            if (!killsRedis)
                continue;

            var since = Stopwatch.GetTimestamp();
            await fleet.WhenReadyAsync();
            back = back > Stopwatch.GetElapsedTime(since) ? back : Stopwatch.GetElapsedTime(since);
        }

        fleet.Any.AnswerWith(_ => Answer.Ok);
        fleet.Ordered.AnswerWith(_ => Answer.Ok);
        var sent = await senders.StopAsync();
        var ended = Stopwatch.GetTimestamp();
        await fleet.AssertDeliveredAsync(sent);

        output.WriteLine(
            $"{Gateways} gateways, {Kills} kills, {sent.Count} events acknowledged, {sent.Sum(one => one.Tries - 1)} retries by senders, "
            + $"{sent.Sum(one => one.Refused)} answered 503, {sent.Count(one => one.IsRepeated)} repeated at another gateway; "
            + $"{fleet.Any.Arrivals.Count} and {fleet.Ordered.Arrivals.Count} (ordered) requests downstream; "
            + $"all back at most {back.TotalMilliseconds:0} ms after Redis, drained {Stopwatch.GetElapsedTime(ended).TotalSeconds:0.0} s after the load");
        Assert.True(sent.Count > 5 * Kills, "too little was sent for the test to mean anything");
        Assert.Contains(sent, one => one.Refused > 0);
    }

    private async Task KillAsync(GatewayProcess? gateway, RedisServer? redis)
    {
        await Task.WhenAll(gateway?.KillAsync() ?? Task.CompletedTask, redis?.KillAsync() ?? Task.CompletedTask);
        if (redis is not null)
        {
            await PauseAsync(1500);
            await redis.StartAgainAsync();
        }

        if (gateway is not null)
            await gateway.StartAgainAsync();
    }

    private Task PauseAsync(int atMost) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(atMost)), TimeProvider.System);
}

using System.Globalization;
using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>Whatever kills the gateway, the events of a key arrive in the order in which they were accepted, and all of them.</summary>
public sealed class OrderKillTests(ITestOutputHelper output)
{
    private const string Secret = "a secret of the test";
    private const int Senders = 6;
    private const int Keys = 20;

    private static readonly int Kills = KillCount.Or(10);

    private readonly Random _random = new(Environment.ProcessId);

    [Fact]
    public async Task Kill_AtAnyMomentUnderLoad_NoKeyGoesBackAndNothingIsLost()
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(arrival => arrival.Number % 9 == 0 ? Answer.Status(503) : Answer.Ok);
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream));
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, Senders).Select(own => Task.Run(() => SendAsync(sender, own, stop.Token))).ToArray();

        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(600)), TimeProvider.System, TestContext.Current.CancellationToken);
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
        }

        await stop.CancelAsync();
        downstream.AnswerWith(_ => Answer.Ok);
        var sent = (await Task.WhenAll(load)).SelectMany(events => events).ToArray();
        var ids = sent.ToHashSet();
        await downstream.WaitForAsync(
            arrivals => ids.IsSubsetOf(arrivals.Select(arrival => arrival.WebhookId!)), TimeSpan.FromSeconds(90));

        var arrivals = downstream.Arrivals;
        output.WriteLine($"{Kills} kills, {sent.Length} events acknowledged, {arrivals.Count} requests downstream");
        Assert.True(sent.Length > 5 * Kills, "too little was sent for the test to mean anything");
        Assert.Equal(sent.Length, ids.Count);
        AssertOrder(arrivals);
        AssertOrderOfSenders(arrivals);
        await AssertBooksAsync(gateway, sent.Length);
    }

    /// <summary>What arrives twice arrives twice in a row; what came later in its key was accepted later.</summary>
    private static void AssertOrder(IReadOnlyList<Arrival> arrivals)
    {
        var last = new Dictionary<string, long>();
        foreach (var arrival in arrivals)
        {
            var key = KeyOf(arrival);
            var sequence = long.Parse(arrival.Header("X-HookGateway-Sequence")!, CultureInfo.InvariantCulture);
            Assert.True(sequence >= last.GetValueOrDefault(key), $"key {key} went back from {last.GetValueOrDefault(key)} to {sequence}");
            last[key] = sequence;
        }
    }

    /// <summary>A sender begins an event after the one before is acknowledged: so they arrive, in each key, whatever the gateway's own numbers say.</summary>
    private static void AssertOrderOfSenders(IReadOnlyList<Arrival> arrivals)
    {
        foreach (var group in arrivals.GroupBy(arrival => (KeyOf(arrival), SourceIdOf(arrival).Split('-')[0])))
        {
            var numbers = group.Select(arrival => int.Parse(SourceIdOf(arrival).Split('-')[1], CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(numbers.Order(), numbers);
        }
    }

    private static string SourceIdOf(Arrival arrival) => arrival.Header("X-HookGateway-Source-Id")!;

    private static string KeyOf(Arrival arrival)
    {
        using var body = JsonDocument.Parse(arrival.Body);
        return body.RootElement.GetProperty("srId").GetRawText();
    }

    private static async Task AssertBooksAsync(GatewayProcess gateway, int accepted)
    {
        // The last settlements may still be on their way.
        await gateway.DrainedAsync();
        var books = await gateway.BalancedBooksAsync();
        var counted = Assert.Single(books.GetProperty("destinations").EnumerateArray()).GetProperty("counted");
        Assert.Equal((accepted, accepted), (counted.GetProperty("owed").GetInt32(), counted.GetProperty("delivered").GetInt32()));
    }

    /// <summary>Sends one event after the other, each until it is acknowledged, as a sender that retries does.</summary>
    private static async Task<List<string>> SendAsync(SysAidSender sender, int own, CancellationToken stop)
    {
        List<string> acknowledged = [];
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var body = SysAidEvent.Created(number % Keys, $"{own}-{number}");
            SenderAnswer? answer;
            while ((answer = await TrySendAsync(sender, body)) is not { Status: 202 or 200 })
            {
                Assert.True(answer is null or { Status: 503 }, $"{answer?.Status} {answer?.Body}");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }

            acknowledged.Add(answer.Id!);
        }

        return acknowledged;
    }

    private static async Task<SenderAnswer?> TrySendAsync(SysAidSender sender, byte[] body)
    {
        try
        {
            return await sender.SendAsync(body);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string Configuration(GatewayPorts ports, Receiver downstream) => $$"""
        {{ports.Listen}}
        log: { level: error }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          d:
            url: "{{downstream.Url}}"
            order: true
            retry: { attempts: 1000, first: 50ms, factor: 1 }
            breaker: { minimum: 100000 }
        routes:
          - { source: sysaid, to: [d] }
        """;
}

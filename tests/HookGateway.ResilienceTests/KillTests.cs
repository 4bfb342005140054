using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>
/// The promises that a crash would break first: what was acknowledged arrives, and a sender's retry is answered
/// <c>duplicate</c> only for an event that is stored.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Secret = "a secret of the test";
    private const int Senders = 8;

    private static readonly int Kills = KillCount.Or(24);

    // Each of a commit's writes and syncs takes 5 ms longer, so that most kills fall between its beginning and its end.
    private static readonly string[] SlowWrites =
        ["strace", "-f", "-qq", "-e", "trace=pwrite64,fdatasync", "-e", "inject=pwrite64,fdatasync:delay_enter=5000", "-o", "/dev/null"];

    private readonly Random _random = new(Environment.ProcessId);

    [Fact]
    public Task Kill_AtAnyMomentUnderLoad_LosesNoAcknowledgedEvent() =>

        // A downstream that fails now and then keeps retries, and so leases and due times, in the picture.
        KillAsync(Kills, hitStarts: true, [], arrival => arrival.Number % 7 == 0 ? Answer.Status(503) : Answer.Ok);

    [Fact]
    public Task Kill_AmidCommits_LosesNoAcknowledgedEvent() =>

        // What a downstream took at once would not show that it was acknowledged before it was stored.
        KillAsync(Kills / 4, hitStarts: false, SlowWrites, _ => Answer.Status(503));

    [Fact]
    public Task Kill_WhilePausedAndResumed_LosesNoAcknowledgedEvent() =>

        // Leases are under way, given back and taken anew whenever it is paused or resumed, and killed right after.
        KillAsync(Kills / 2, hitStarts: false, [], arrival => arrival.Number % 7 == 0 ? Answer.Status(503) : Answer.Ok, pauses: true);

    private async Task KillAsync(int kills, bool hitStarts, string[] wrapper, Func<Arrival, Answer> meanwhile, bool pauses = false)
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(meanwhile);
        var start = new GatewayStart { Wrapper = wrapper };
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream), start);
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, Senders).Select(_ => Task.Run(() => SendAsync(sender, stop.Token))).ToArray();

        var duringStart = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            // Every fourth start is not waited for: its kill hits somewhere in the start-up.
            var hitStart = hitStarts && kill % 4 == 3;
            duringStart += hitStart ? 1 : 0;
            if (pauses)
                await gateway.PostAsync(kill % 2 == 0 ? "pause" : "resume");

            await gateway.KillAsync();
            await gateway.StartAgainAsync(start with { WaitUntilReady = !hitStart });
            if (pauses)
                Assert.Equal(kill % 2 == 0, await gateway.IsPausedAsync());

            await PauseAsync(hitStart ? 900 : 500);
        }

        await gateway.KillAsync();
        await gateway.StartAgainAsync();
        await stop.CancelAsync();
        downstream.AnswerWith(_ => Answer.Ok);
        if (pauses)
            await gateway.PostAsync("resume");

        var sent = (await Task.WhenAll(load)).SelectMany(events => events).ToArray();

        output.WriteLine($"{kills} kills ({duringStart} during start-up), {sent.Length} events acknowledged, "
            + $"{sent.Sum(acknowledged => acknowledged.Tries - 1)} retries by the sender, "
            + $"{sent.Count(acknowledged => acknowledged.Result == "duplicate")} of them answered duplicate, "
            + $"{downstream.Arrivals.Count} requests downstream");
        Assert.True(sent.Length > kills, "too little was sent for the test to mean anything");
        Assert.Contains(sent, acknowledged => acknowledged.Tries > 1);

        await downstream.WaitForAsync(
            arrivals =>
            {
                var delivered = arrivals.Select(arrival => arrival.WebhookId).ToHashSet();
                return sent.All(acknowledged => delivered.Contains(acknowledged.Id));
            },
            TimeSpan.FromSeconds(60));

        // What arrived under an acknowledged id is that event, whatever was repeated on the way.
        var bodies = downstream.Arrivals.ToLookup(arrival => arrival.WebhookId, arrival => SysAidEvent.Text(arrival.Body));
        Assert.All(sent, acknowledged => Assert.Equal([acknowledged.Body], bodies[acknowledged.Id].Distinct()));
        Assert.Equal(sent.Length, sent.Select(acknowledged => acknowledged.Id).Distinct().Count());
        await AssertBooksAsync(gateway, sent.Length);
    }

    /// <summary>Every event and delivery is accounted for, and none was accepted that no sender knows of.</summary>
    private static async Task AssertBooksAsync(GatewayProcess gateway, int accepted)
    {
        var books = await gateway.BalancedBooksAsync();
        Assert.Equal(
            accepted, Assert.Single(books.GetProperty("sources").EnumerateArray()).GetProperty("counted").GetProperty("accepted").GetInt32());
    }

    /// <summary>Sends one event after the other, each until it is acknowledged, as a sender that retries does.</summary>
    private static async Task<List<Acknowledged>> SendAsync(SysAidSender sender, CancellationToken stop)
    {
        List<Acknowledged> acknowledged = [];
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var body = SysAidEvent.Created(number);
            for (var tries = 1; ; tries++)
            {
                if (await TrySendAsync(sender, body) is not { } answer)
                {
                    // The gateway is down: not a hot loop while it starts.
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
                    continue;
                }

                Assert.True(answer.Status is 202 or 200 or 503, $"{answer.Status} {answer.Body}");
                if (answer.Status == 503)
                    continue;

                // The same event twice under way would be a duplicate of itself: only a retry may be one.
                Assert.True(tries > 1 || answer.Result == "accepted", "the first try was answered duplicate");
                acknowledged.Add(new Acknowledged(answer.Id!, answer.Result!, tries, SysAidEvent.Text(body)));
                break;
            }
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

    private Task PauseAsync(int atMost) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(atMost)), TimeProvider.System);

    private static string Configuration(GatewayPorts ports, Receiver downstream) => $$"""
        {{ports.Listen}}
        log: { level: error }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          d: { url: "{{downstream.Url}}", retry: { attempts: 1000, first: 200ms, factor: 1 }, breaker: { minimum: 100000 } }
        routes:
          - { source: sysaid, to: [d] }
        """;

    private sealed record Acknowledged(string Id, string Result, int Tries, string Body);
}

using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>Whatever kills the gateway while it holds events: every field's last value arrives, and never after a newer one.</summary>
public sealed class CoalesceKillTests(ITestOutputHelper output)
{
    private const string Secret = "a secret of the test";
    private const int Editors = 6;

    private static readonly int Kills = KillCount.Or(8);

    private static readonly string[] Fields = ["status", "priority", "title", "notes"];

    private readonly Random _random = new(Environment.ProcessId);

    [Fact]
    public async Task Kill_AtAnyMomentWhileEventsAreHeld_LosesNoValueAndBringsNoneBack()
    {
        output.WriteLine($"seed {Environment.ProcessId}");
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(arrival => arrival.Number % 9 == 0 ? Answer.Status(503) : Answer.Ok);
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream));
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        using var stop = new CancellationTokenSource();
        var editors = Enumerable.Range(1, Editors).Select(record => Task.Run(() => EditAsync(sender, record, stop.Token))).ToArray();

        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(700)), TimeProvider.System, TestContext.Current.CancellationToken);
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
        }

        await stop.CancelAsync();
        downstream.AnswerWith(_ => Answer.Ok);
        var sent = (await Task.WhenAll(editors)).SelectMany(bodies => bodies).ToLookup(SysAidChanges.RecordOf);
        await downstream.WaitForAsync(
            arrivals => sent.All(record => SysAidChanges.ProblemOf(record, Of(arrivals, record.Key)) is null), TimeSpan.FromSeconds(60));
        await gateway.DrainedAsync();

        var books = await gateway.BalancedBooksAsync();
        var counted = Assert.Single(books.GetProperty("sources").EnumerateArray()).GetProperty("counted");
        var (webhooks, merged) = (
            sent.Sum(record => record.Count()), downstream.Arrivals.DistinctBy(arrival => arrival.WebhookId).Count(arrival => arrival.Header("X-HookGateway-Origin") == "coalesce"));
        output.WriteLine($"{Kills} kills, {webhooks} webhooks acknowledged, {downstream.Arrivals.Count} requests downstream, {merged} merged events");
        Assert.True(webhooks > 5 * Kills && merged > Kills, "too little was sent for the test to mean anything");
        Assert.Equal((webhooks + merged, 0), (counted.GetProperty("accepted").GetInt32(), counted.GetProperty("held").GetInt32()));
        Assert.All(sent, record => Assert.Null(SysAidChanges.ProblemOf(record, Of(downstream.Arrivals, record.Key))));
    }

    private static IEnumerable<byte[]> Of(IReadOnlyList<Arrival> arrivals, int record) =>
        arrivals.Select(arrival => arrival.Body).Where(body => SysAidChanges.RecordOf(body) == record);

    /// <summary>Edits a record, session after session; each webhook is sent until it is acknowledged. Some sessions never end.</summary>
    /// <returns>What was acknowledged.</returns>
    private static async Task<List<byte[]>> EditAsync(SysAidSender sender, int record, CancellationToken stop)
    {
        var random = new Random(record + Environment.ProcessId);
        var acknowledged = new List<byte[]>();
        for (var (time, session) = (0L, 1); !stop.IsCancellationRequested; session++)
        {
            var changed = new Dictionary<string, (string, string, long)>();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                var field = Fields[random.Next(Fields.Length)];
                changed[field] = (field, $"{session}", ++time);
                await SendAsync(SysAidEvent.Changes(record, null, changed[field]));
            }

            if (random.Next(3) > 0)
                await SendAsync(SysAidEvent.Changes(record, session, [.. changed.Values]));

            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(150)), TimeProvider.System, CancellationToken.None);
        }

        return acknowledged;

        async Task SendAsync(byte[] body)
        {
            SenderAnswer? answer;
            while ((answer = await TrySendAsync(sender, body)) is not { Status: 202 or 200 })
            {
                Assert.True(answer is null or { Status: 503 }, $"{answer?.Status} {answer?.Body}");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }

            acknowledged.Add(body);
        }
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
          sysaid:
            preset: sysaid
            secrets: ["{{Secret}}"]
            coalesce: { events: [sr.updated], complete: sr_version, quiet: 100ms, max: 1s }
        destinations:
          d: { url: "{{downstream.Url}}", retry: { attempts: 1000, first: 50ms, factor: 1 }, breaker: { minimum: 100000 } }
        routes:
          - { source: sysaid, to: [d] }
        """;
}

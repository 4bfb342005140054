using System.Text.Json.Nodes;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Redis;
using HookGateway.Testing.Senders;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HookGateway.FunctionalTests.Redis;

/// <summary>Two gateways on one Redis treat a destination as one would.</summary>
public sealed class SharedDestinationsTests : IAsyncLifetime
{
    private const string Secret = "a secret of the test";

    // By what it finds itself.
    private const string NeverOpens = ", breaker: { minimum: 1000000 }";

    private RedisServer _redis = null!;
    private Receiver _downstream = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        _downstream = await Receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _downstream.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Pause_AtOneGateway_HoldsAtTheOtherUntilItIsResumedAtEither()
    {
        await using var first = await StartAsync("");
        await using var second = await StartAsync("");
        await PostAsync(first, "pause");

        // What a gateway leases as it takes it, for it is to be sent at once, nobody else can lease.
        var number = 0;
        string held = "";
        await using (var third = new RedisEventStore(
            new RedisStoreOptions { Connection = _redis.Connection }, TimeProvider.System, NullLogger<RedisEventStore>.Instance))
        {
            await third.OpenAsync(Cancel);
            await Wait.UntilAsync(
                async () =>
                {
                    held = await SendAsync(second, ++number);
                    var leased = (await third.LeaseAsync([new LeaseRequest("tickets", 100, 1_000_000)], Cancel))[0];
                    return leased.Deliveries.Any(delivery => delivery.Event.Id.ToString() == held);
                },
                "the other gateway to leave an event in the store");
        }

        Assert.DoesNotContain(_downstream.Arrivals, arrival => arrival.WebhookId == held);
        await PostAsync(second, "resume");
        await _downstream.WaitForAsync(all => all.Any(arrival => arrival.WebhookId == held));

        // What comes now nobody else can deliver.
        Assert.Equal(0, await second.TerminateAsync());
        var live = await SendAsync(first, ++number);
        await _downstream.WaitForAsync(all => all.Any(arrival => arrival.WebhookId == live));
    }

    [Fact]
    public async Task Breaker_OpensAtOneGateway_TheOtherSendsNothingUntilThatOneFindsThatItAnswers()
    {
        _downstream.AnswerWith(_ => Answer.Status(503));
        await using var first = await StartAsync(", breaker: { minimum: 4, pause: 1s }");
        await using var second = await StartAsync(NeverOpens);
        Assert.Equal("closed", await BreakerAsync(second));
        var failing = await Task.WhenAll(Enumerable.Range(1, 10).Select(i => SendAsync(first, i)));
        await Wait.UntilAsync(async () => await BreakerAsync(second) == "open", "the other gateway to know");
        var waiting = await SendAsync(second, 11);

        var tried = _downstream.Arrivals.Count;
        await _downstream.WaitForAsync(tried + 3);
        Assert.DoesNotContain(_downstream.Arrivals, arrival => arrival.WebhookId == waiting);
        Assert.Equal("open", await BreakerAsync(second));

        _downstream.AnswerWith(_ => Answer.Ok);
        var arrivals = await _downstream.WaitForAsync(all => all.Any(arrival => arrival.WebhookId == waiting));
        Assert.Contains(arrivals.Skip(tried).TakeWhile(arrival => arrival.WebhookId != waiting), arrival => failing.Contains(arrival.WebhookId));
        await Wait.UntilAsync(async () => await BreakerAsync(first) == "closed" && await BreakerAsync(second) == "closed", "both to be closed");
    }

    [Fact]
    public async Task Breaker_GatewayThatHasItOpenDies_TheOtherTriesByItself()
    {
        _downstream.AnswerWith(_ => Answer.Status(503));
        await using var first = await StartAsync(", breaker: { minimum: 4, pause: 3s }");
        await using var second = await StartAsync(NeverOpens);
        await Task.WhenAll(Enumerable.Range(1, 10).Select(i => SendAsync(first, i)));
        await Wait.UntilAsync(async () => await BreakerAsync(second) == "open", "the other gateway to know");
        await first.KillAsync();
        _downstream.AnswerWith(_ => Answer.Ok);

        var waiting = await SendAsync(second, 11);

        await _downstream.WaitForAsync(all => all.Any(arrival => arrival.WebhookId == waiting));
        Assert.Equal("closed", await BreakerAsync(second));
    }

    [Fact]
    public async Task RateLimit_TwoGateways_BeginNoMoreThanOneWould()
    {
        const int Events = 60;
        await using var first = await StartAsync(", rateLimit: 10/s");
        await using var second = await StartAsync(", rateLimit: 10/s");
        var begun = TimeProvider.System.GetUtcNow();
        await Task.WhenAll(Enumerable.Range(1, Events).Select(i => SendAsync(i % 2 == 0 ? first : second, i)));

        var arrivals = await _downstream.WaitForAsync(Events, TimeSpan.FromMinutes(3));

        // One is saved and one is there, then nine come in a second. What is held up, or lost for it came too late, makes it later only.
        for (var i = 0; i < Events; i++)
            Assert.InRange((arrivals[i].At - begun).TotalSeconds, ((i - 1) / 9.0) - 0.05, double.MaxValue);
    }

    private static async Task<string> SendAsync(GatewayProcess gateway, int record)
    {
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        var answer = await sender.SendAsync(SysAidEvent.Created(record));
        Assert.Equal(202, answer.Status);
        return answer.Id!;
    }

    private static async Task<JsonNode> DestinationAsync(GatewayProcess gateway) => JsonNode.Parse(
        await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/api/v1/destinations"), Cancel))!["destinations"]![0]!;

    private static async Task<string> BreakerAsync(GatewayProcess gateway) => (await DestinationAsync(gateway))["breaker"]!.GetValue<string>();

    private static async Task PostAsync(GatewayProcess gateway, string what)
    {
        using var answer = await gateway.Client.PostAsync(new Uri(gateway.AdminUrl, $"/api/v1/destinations/tickets/{what}"), null, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    private Task<GatewayProcess> StartAsync(string destination) => GatewayProcess.StartAsync(ports => $$"""
        {{ports.Listen}}
        storage: { engine: redis, connection: "{{_redis.Connection}}", durability: fsync }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          tickets: { url: "{{_downstream.Url}}", retry: { first: 200ms, factor: 1, attempts: 1000 }{{destination}} }
        routes:
          - { source: sysaid, to: [tickets] }
        """);
}

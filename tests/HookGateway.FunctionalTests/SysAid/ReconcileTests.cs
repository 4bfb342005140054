using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using HookGateway.Testing.SysAid;
using Xunit;

namespace HookGateway.FunctionalTests.SysAid;

/// <summary>The real program finds what SysAid never posted.</summary>
public sealed class ReconcileTests : IAsyncLifetime
{
    private const string Secret = "a secret of the test";

    private FakeConnectApi _api = null!;
    private Receiver _downstream = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeConnectApi.StartAsync();
        _downstream = await Receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _downstream.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Run_ChangeThatWasNeverPosted_ReachesTheDownstreamAndIsTold()
    {
        await using var gateway = await GatewayProcess.StartAsync(Configuration);
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        await Wait.UntilAsync(async () => (long)(await ReportAsync(gateway))["runs"]! > 0, "a first listing");
        var now = TimeProvider.System.GetUtcNow();
        var posted = $$$"""{"eventName":"sr.updated","srId":8,"updates":[{"fieldName":"title","timestamp":{{{now.ToUnixTimeMilliseconds()}}}}]}""";
        Assert.Equal(202, (await sender.SendAsync(Encoding.UTF8.GetBytes(posted))).Status);

        // Only now: a listing before the webhook is stored would miss it.
        _api.Records.Put(7, now, ("title", "never posted"));
        _api.Records.Put(8, now, ("title", "posted"));
        var found = (await _downstream.WaitForAsync(
            arrivals => arrivals.Any(arrival => arrival.Header("X-HookGateway-Origin") is not null))).Single(
            arrival => arrival.Header("X-HookGateway-Origin") is not null);

        Assert.Equal(("reconcile", "sr.updated", "sysaid"), (
            found.Header("X-HookGateway-Origin"), found.Header("X-HookGateway-Event"), found.Header("X-HookGateway-Source")));
        Assert.Equal(("7", "never posted"), ($"{JsonNode.Parse(found.Body)!["id"]}", (string?)JsonNode.Parse(found.Body)!["title"]));
        var runs = (long)(await ReportAsync(gateway))["runs"]!;
        await Wait.UntilAsync(async () => (long)(await ReportAsync(gateway))["runs"]! > runs + 1, "further listings");
        Assert.Equal(2, _downstream.Arrivals.Count);
        Assert.Equal(1, (long)(await ReportAsync(gateway))["found"]!);
        Assert.Contains(
            "hookgateway_reconcile_found_total{", await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/metrics"), Cancel), StringComparison.Ordinal);
        Assert.Contains("sysaid had 1 changes of which no webhook came", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ApiIsDown_TakesWebhooksAllTheSameAndSaysSo()
    {
        await _api.GoAsync();
        await using var gateway = await GatewayProcess.StartAsync(Configuration);
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);

        Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Updated(8, "title", "posted"))).Status);

        await _downstream.WaitForAsync(1);
        await Wait.UntilAsync(() => gateway.Output.Contains("could not be asked", StringComparison.Ordinal), "its log to say so");
        Assert.DoesNotContain(FakeConnectApi.ClientSecret, gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_KilledInTheMiddle_MakesOneEventOfEachChange()
    {
        const int Changes = 3000;
        var now = TimeProvider.System.GetUtcNow();
        for (var record = 1; record <= Changes; record++)
            _api.Records.Put(record, now.AddMinutes(-5));
        var gates = Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        _api.Gate = gates[0].Task;
        await using var gateway = await GatewayProcess.StartAsync(Configuration);

        // A token and two pages are given; it waits for the third when it dies.
        for (var given = 0; given < 3; given++)
        {
            await Wait.UntilAsync(() => _api.Requests.Count == given + 1, $"request {given + 1}");
            _api.Gate = gates[given + 1].Task;
            gates[given].SetResult();
        }

        await _downstream.WaitForAsync(950);
        await Wait.UntilAsync(() => _api.Requests.Count == 4, "the third page to be asked for");
        await gateway.KillAsync();
        (_api.Gate, var before) = (Task.CompletedTask, _downstream.Arrivals.Count);
        await gateway.StartAgainAsync();

        Assert.InRange(before, 950, Changes - 1);
        await _downstream.WaitForAsync(all => all.Select(Record).Distinct().Count() == Changes, TimeSpan.FromSeconds(90));
        await Wait.UntilAsync(async () => (long)(await ReportAsync(gateway))["runs"]! > 0, "a listing to the end");
        Assert.Equal(Changes, _downstream.Arrivals.Select(arrival => arrival.WebhookId).Distinct().Count());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Record(Arrival arrival) => $"{JsonNode.Parse(arrival.Body)!["id"]}";

    private static async Task<JsonNode> ReportAsync(GatewayProcess gateway)
    {
        var report = await gateway.Client.GetFromJsonAsync<JsonNode>(new Uri(gateway.AdminUrl, "/api/v1/reconcile"), Cancel);
        return Assert.Single(report!["sources"]!.AsArray())!;
    }

    private string Configuration(GatewayPorts ports) => $$"""
        {{ports.Listen}}
        sources:
          sysaid:
            preset: sysaid
            secrets: ["{{Secret}}"]
            api: { url: "{{_api.Url}}", account: {{FakeConnectApi.Account}}, clientId: {{FakeConnectApi.ClientId}}, clientSecret: {{FakeConnectApi.ClientSecret}} }
            reconcile: { interval: 1s, grace: 1s, overlap: 30s, from: "2026-01-01" }
        destinations:
          d: { url: "{{_downstream.Url}}" }
        routes: [{ source: sysaid, to: d }]
        """;
}

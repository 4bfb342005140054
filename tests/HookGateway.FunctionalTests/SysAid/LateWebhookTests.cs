using System.Text.Json;
using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using HookGateway.Testing.SysAid;
using Xunit;

namespace HookGateway.FunctionalTests.SysAid;

/// <summary>A record is found in SysAid's API, and only then its webhooks come.</summary>
public sealed class LateWebhookTests : IAsyncLifetime
{
    private const string Secret = "a secret of the test";
    private const string ToOne = "- { source: sysaid, to: d }";

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
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
    public async Task Webhook_OfWhatWasFound_IsSupersededEvenAfterAKill()
    {
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, ToOne));
        var found = await FindAsync(gateway, 7);
        await gateway.KillAsync();
        await gateway.StartAgainAsync();

        var late = await SendAsync(gateway, Webhook(_now.AddSeconds(-20)));
        var other = await SendAsync(gateway, Webhook(_now.AddSeconds(-20), record: 8));
        var newer = await SendAsync(gateway, Webhook(_now.AddSeconds(-1)));
        var timeless = await SendAsync(gateway, """{"eventName":"sr.updated","srId":7,"updates":[]}"""u8.ToArray());

        await AssertSupersededAsync(gateway, late, found);
        await _downstream.WaitForAsync(arrivals => new[] { other, newer, timeless }.All(id => arrivals.Any(a => a.WebhookId == id)));
        Assert.Equal(4, _downstream.Arrivals.Select(arrival => arrival.WebhookId).Distinct().Count());
        Assert.Contains(
            "hookgateway_superseded_total", await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/metrics"), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coalesce_WhatIsHeldIsOlder_GoesOutBeforeWhatIsFoundAndNothingOlderAfter()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            ports => Configuration(ports, ToOne, "coalesce: { events: [sr.updated], complete: sr_version, quiet: 1h, max: 2h }"));
        var held = await SendAsync(gateway, Webhook(_now.AddSeconds(-30)));
        Assert.Equal("held", (string?)(await EventAsync(gateway, held))["state"]);

        var found = await FindAsync(gateway, 7);
        var late = await SendAsync(gateway, Webhook(_now.AddSeconds(-20)));
        var full = await SendAsync(gateway, Webhook(_now.AddSeconds(-1), version: 3));

        await AssertSupersededAsync(gateway, late, found);
        await _downstream.WaitForAsync(arrivals => arrivals.Any(arrival => arrival.WebhookId == full));
        Assert.Equal([held, found, full], _downstream.Arrivals.Select(arrival => arrival.WebhookId).Distinct());
    }

    [Theory]
    [InlineData("")]
    [InlineData("coalesce: { events: [sr.updated], complete: sr_version, quiet: 200ms }")]
    public async Task Webhook_GoesWhereWhatWasFoundDidNot_IsDelivered(string coalesce)
    {
        const string ToTwo = """
            - { source: sysaid, to: d }
              - { source: sysaid, to: e, where: "contains(updates[].fieldName, 'title')" }
            """;
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, ToTwo, coalesce));
        await FindAsync(gateway, 7);

        var late = await SendAsync(gateway, Webhook(_now.AddSeconds(-20)));

        await _downstream.WaitForAsync(arrivals => arrivals.Any(arrival => arrival.WebhookId == late && arrival.Path == "/hooks/e"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A record is changed without a webhook, and found.</summary>
    /// <returns>The id of the event that was made.</returns>
    private async Task<string> FindAsync(GatewayProcess gateway, int record)
    {
        await Wait.UntilAsync(async () => (long)(await ReportAsync(gateway))["runs"]! > 0, "a first listing");
        _api.Records.Put(record, _now.AddSeconds(-3), ("title", "never posted"));
        var arrivals = await _downstream.WaitForAsync(all => all.Any(arrival => arrival.Header("X-HookGateway-Origin") == "reconcile"));
        return arrivals.First(arrival => arrival.Header("X-HookGateway-Origin") == "reconcile").WebhookId!;
    }

    private static async Task AssertSupersededAsync(GatewayProcess gateway, string late, string found)
    {
        var stored = await EventAsync(gateway, late);
        Assert.Equal(("superseded", found), ((string?)stored["state"], (string?)stored["supersededBy"]));
        Assert.Equal([late], (await EventAsync(gateway, found))["supersedes"]!.AsArray().Select(id => (string)id!));
    }

    private static byte[] Webhook(DateTimeOffset time, int record = 7, int? version = null)
    {
        var body = new JsonObject
        {
            ["eventName"] = "sr.updated",
            ["srId"] = record,
            ["updates"] = new JsonArray(new JsonObject
            {
                ["fieldName"] = "title",
                ["currentValue"] = "posted",
                ["timestamp"] = time.ToUnixTimeMilliseconds(),
            }),
        };
        if (version is not null)
            body["sr_version"] = version;
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    private static async Task<string> SendAsync(GatewayProcess gateway, byte[] body)
    {
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        var answer = await sender.SendAsync(body);
        Assert.Equal(202, answer.Status);
        return answer.Id!;
    }

    private static async Task<JsonNode> EventAsync(GatewayProcess gateway, string id) =>
        JsonNode.Parse(await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, $"/api/v1/events/{id}"), Cancel))!;

    private static async Task<JsonNode> ReportAsync(GatewayProcess gateway) => Assert.Single(
        JsonNode.Parse(await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/api/v1/reconcile"), Cancel))!["sources"]!.AsArray())!;

    private string Configuration(GatewayPorts ports, string routes, string coalesce = "") => $$"""
        {{ports.Listen}}
        sources:
          sysaid:
            preset: sysaid
            secrets: ["{{Secret}}"]
            api: { url: "{{_api.Url}}", account: {{FakeConnectApi.Account}}, clientId: {{FakeConnectApi.ClientId}}, clientSecret: {{FakeConnectApi.ClientSecret}} }
            reconcile: { interval: 1s, grace: 1s, overlap: 30s, from: "2026-01-01" }
            {{coalesce}}
        destinations:
          d: { url: "{{_downstream.Url}}" }
          e: { url: "{{_downstream.Url}}/e" }
        routes:
          {{routes}}
        """;
}

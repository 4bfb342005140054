using System.Text.Json;
using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Coalesce;

/// <summary>The real program with a source that coalesces, once soon and once only when a session is complete.</summary>
public sealed class CoalescingGateway : IAsyncLifetime
{
    private const string Secret = "a secret of the test";

    /// <summary>Of both sources.</summary>
    public Receiver Tickets { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Tickets = await Receiver.StartAsync();
        Gateway = await GatewayProcess.StartAsync(ports => $$"""
            {{ports.Listen}}
            sources:
              soon:
                preset: sysaid
                secrets: ["{{Secret}}"]
                coalesce: { events: [sr.updated], complete: sr_version, quiet: 10s, max: 1m }
              patient:
                preset: sysaid
                secrets: ["{{Secret}}"]
                coalesce: { events: ["sr.upd*"], complete: sr_version, quiet: 1h, max: 2h }
            destinations:
              tickets: { url: "{{Tickets.Url}}", retry: { first: 50ms, factor: 1 }, breaker: { minimum: 1000 }, forwardHeaders: [X-Test] }
            routes:
              - { source: soon, to: tickets }
              - { source: patient, to: tickets, where: "length(updates) != `7`" }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Tickets.DisposeAsync();
    }

    /// <returns>The event's id.</returns>
    public async Task<string> SendAsync(string source, byte[] body, params (string, string)[] headers)
    {
        using var sender = new SysAidSender(new Uri(Gateway.HttpsUrl, $"/hooks/{source}"), Secret);
        var answer = await sender.SendAsync(body, headers);
        Assert.Equal(202, answer.Status);
        return answer.Id!;
    }

    public async Task<JsonNode> GetAsync(string path) =>
        JsonNode.Parse(await Gateway.Client.GetStringAsync(new Uri(Gateway.AdminUrl, path)))!;

    public Task<string> MetricsAsync() => Gateway.Client.GetStringAsync(new Uri(Gateway.AdminUrl, "/metrics"));

    public async Task<string?> StateAsync(string id) => (string?)(await GetAsync($"/api/v1/events/{id}"))["state"];

    /// <summary>Waits for so many requests about a record, and gives all there are.</summary>
    public async Task<IReadOnlyList<Arrival>> ArrivalsAsync(int record, int count) =>
        [.. (await Tickets.WaitForAsync(arrivals => arrivals.Count(a => RecordOf(a) == record) >= count)).Where(a => RecordOf(a) == record)];

    /// <summary>The changes in a body, as <c>field=value</c>.</summary>
    public static IReadOnlyList<string> ChangesIn(Arrival arrival) =>
        [.. JsonNode.Parse(arrival.Body)!["updates"]!.AsArray().Select(change => $"{change!["fieldName"]}={change["currentValue"]}")];

    public static int RecordOf(Arrival arrival)
    {
        using var body = JsonDocument.Parse(arrival.Body);
        return body.RootElement.GetProperty("srId").GetInt32();
    }
}

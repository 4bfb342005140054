using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Deliver;

/// <summary>The real program with two ordered destinations: one that skips what is dead, one that it blocks.</summary>
public sealed class OrderedGateway : IAsyncLifetime
{
    private const string Secret = "a secret of the test";

    /// <summary>Of the destination <c>skipping</c>.</summary>
    public Receiver Skipping { get; private set; } = null!;

    /// <summary>Of the destination <c>blocking</c>.</summary>
    public Receiver Blocking { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Skipping = await Receiver.StartAsync();
        Blocking = await Receiver.StartAsync();
        Gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, onDead: "block"));
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Blocking.DisposeAsync();
        await Skipping.DisposeAsync();
    }

    /// <summary>Starts the program again, with another <c>orderOnDead</c> of the destination <c>blocking</c>.</summary>
    public async Task StartAgainAsync(string onDead)
    {
        await Gateway.KillAsync();
        Gateway.Configure(Configuration(Gateway.Ports, onDead));
        await Gateway.StartAgainAsync();
    }

    /// <summary>Sends one event of a record to <c>skipping</c> or <c>blocking</c>.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> SendAsync(string to, int record)
    {
        using var sender = new SysAidSender(new Uri(Gateway.HttpsUrl, $"/hooks/{to}"), Secret);
        var answer = await sender.SendAsync(SysAidEvent.Created(record));
        Assert.Equal(202, answer.Status);
        return answer.Id!;
    }

    public async Task<JsonNode> GetAsync(string path) =>
        JsonNode.Parse(await Gateway.Client.GetStringAsync(new Uri(Gateway.AdminUrl, path)))!;

    /// <summary>An event, once it can be read.</summary>
    public async Task<JsonNode> EventAsync(string id)
    {
        JsonNode? found = null;
        await Wait.UntilAsync(
            async () =>
            {
                using var answer = await Gateway.Client.GetAsync(new Uri(Gateway.AdminUrl, $"/api/v1/events/{id}"));
                found = answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync()) : null;
                return found is not null;
            },
            $"event {id} to be readable");
        return found!;
    }

    public async Task ReplayAsync(string id)
    {
        using var answer = await Gateway.Client.PostAsync(new Uri(Gateway.AdminUrl, $"/api/v1/events/{id}/replay"), null);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>How many keys of <c>blocking</c> stand still.</summary>
    public async Task<int> BlockedAsync()
    {
        var destinations = (await GetAsync("/api/v1/destinations"))["destinations"]!.AsArray();
        return (int)destinations.Single(destination => (string?)destination!["name"] == "blocking")!["blocked"]!;
    }

    private string Configuration(GatewayPorts ports, string onDead) => $$"""
        {{ports.Listen}}
        sources:
          skipping: { preset: sysaid, secrets: ["{{Secret}}"] }
          blocking: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          skipping: { url: "{{Skipping.Url}}", order: true, timeout: 5m, retry: { first: 50ms, factor: 1 }, breaker: { minimum: 1000000 } }
          blocking: { url: "{{Blocking.Url}}", order: true, orderOnDead: {{onDead}}, breaker: { minimum: 1000000 } }
        routes:
          - { source: skipping, to: skipping }
          - { source: blocking, to: blocking }
        """;
}

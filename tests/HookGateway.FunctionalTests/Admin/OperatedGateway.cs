using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Admin;

/// <summary>The real program with two downstreams, and short words for what an operator asks of it.</summary>
public sealed class OperatedGateway : IAsyncLifetime
{
    public const string Token = "a-token-of-the-test";

    private const string Secret = "a secret of the test";

    public Receiver Tickets { get; private set; } = null!;

    public Receiver Audit { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public SysAidSender Sender { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Tickets = await Receiver.StartAsync();
        Audit = await Receiver.StartAsync();
        Gateway = await GatewayProcess.StartAsync(ports => $$"""
            listen:
              https: { address: "127.0.0.1:{{ports.Https}}" }
              admin: { address: "127.0.0.1:{{ports.Admin}}", token: "{{Token}}" }
            sources:
              sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
            destinations:
              tickets: { url: "{{Tickets.Url}}?token=in-the-url", concurrency: 1, retry: { attempts: 2, first: 50ms }, breaker: { minimum: 1000 } }
              audit: { url: "{{Audit.Url}}", timeout: 5m }
            routes:
              - { source: sysaid, events: [sr.created], to: [tickets, audit] }
            """);
        Sender = new SysAidSender(new Uri(Gateway.HttpsUrl, "/hooks/sysaid"), Secret);
    }

    public async ValueTask DisposeAsync()
    {
        Sender.Dispose();
        await Gateway.DisposeAsync();
        await Audit.DisposeAsync();
        await Tickets.DisposeAsync();
    }

    /// <summary>Sends an event that both destinations are owed.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> SendAsync(int record = 1)
    {
        var answer = await Sender.SendAsync(SysAidEvent.Created(record));
        Assert.Equal(202, answer.Status);
        return answer.Id!;
    }

    /// <summary>Asks the admin API.</summary>
    public async Task<HttpResponseMessage> AskAsync(
        HttpMethod method, string path, string? body = null, string? token = Token, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Gateway.AdminUrl, path));
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));

        return await Gateway.Client.SendAsync(request);
    }

    public Task<JsonNode> GetAsync(string path) => ReadAsync(HttpMethod.Get, path, null);

    public Task<JsonNode> PostAsync(string path, string? body = null) => ReadAsync(HttpMethod.Post, path, body);

    /// <summary>Waits until an event stands where it should; on a slow disk it can be read later than it was acknowledged.</summary>
    public Task StandsAsync(string id, string state) => Wait.UntilAsync(
        async () =>
        {
            using var answer = await AskAsync(HttpMethod.Get, $"/api/v1/events/{id}");
            return answer.StatusCode != HttpStatusCode.NotFound
                && (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["state"] == state;
        },
        $"event {id} to be {state}");

    /// <summary>Waits until everything that a bulk replay made has ended.</summary>
    public async Task<JsonNode> ReplayedAsync(long replay)
    {
        JsonNode? view = null;
        await Wait.UntilAsync(
            async () => (string?)(view = await GetAsync($"/api/v1/replays/{replay}"))["state"] is not ("running" or "delivering"),
            $"replay {replay} to end",
            TimeSpan.FromSeconds(60));
        return view!;
    }

    private async Task<JsonNode> ReadAsync(HttpMethod method, string path, string? body)
    {
        using var answer = await AskAsync(method, path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 16 })!;
    }
}

using System.Net.Sockets;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using HookGateway.Testing.Telemetry;
using Xunit;

namespace HookGateway.FunctionalTests.Deliver;

/// <summary>The real program with routes of <c>mode: proxy</c>; what an event says decides which takes it.</summary>
public sealed class ProxyingGateway : IAsyncLifetime
{
    public const string Secret = "a secret of the test";

    /// <summary>Takes what is passed on, under <c>/live</c>, and what is delivered, under <c>/stored</c>.</summary>
    public Receiver Live { get; private set; } = null!;

    /// <summary>Takes what is passed on to <c>fragile</c>, <c>narrow</c>, <c>once</c> and <c>slow</c>.</summary>
    public Receiver Ill { get; private set; } = null!;

    /// <summary>Hands out tokens for <c>token</c>.</summary>
    public TokenServer Tokens { get; private set; } = null!;

    public OtlpReceiver Otlp { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public SysAidSender Sender { get; private set; } = null!;

    /// <summary>What <c>raw</c> does with a connection.</summary>
    public Func<Socket, CancellationToken, Task> Raw { get; set; } = (_, _) => Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        Live = await Receiver.StartAsync();
        Ill = await Receiver.StartAsync();
        Tokens = await TokenServer.StartAsync("me", ["s3cret"]);
        Otlp = await OtlpReceiver.StartAsync();
        _raw = RawDownstream.Start((socket, cancel) => Raw(socket, cancel));
        Gateway = await GatewayProcess.StartAsync(Configuration);
        Sender = new SysAidSender(new Uri(Gateway.HttpsUrl, "/hooks/sysaid"), Secret);
    }

    public async ValueTask DisposeAsync()
    {
        Sender.Dispose();
        await Gateway.DisposeAsync();
        await _raw.DisposeAsync();
        await Otlp.DisposeAsync();
        await Tokens.DisposeAsync();
        await Ill.DisposeAsync();
        await Live.DisposeAsync();
    }

    private RawDownstream _raw = null!;

    private string Configuration(GatewayPorts ports) => $$"""
        {{ports.Listen}}
        telemetry: { otlp: { endpoint: "{{Otlp.GrpcEndpoint}}", protocol: grpc } }
        egress: { deny: [127.0.0.9] }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          live:
            url: "{{Live.Url}}/live?in-the-url=1"
            forwardHeaders: [X-Request-Id]
            headers: { X-Of-Destination: "1", Accept-Language: de }
            sign: { secrets: [whsec_c2VjcmV0] }
            auth: { bearer: of-the-gateway }
          stored: { url: "{{Live.Url}}/stored" }
          raw: { url: "http://127.0.0.1:{{_raw.Port}}/in-the-url" }
          refused: { url: "http://127.0.0.1:1/in-the-url" }
          denied: { url: "http://127.0.0.9:{{Live.Url.Port}}/in-the-url" }
          token:
            url: "{{Live.Url}}/token"
            auth: { oauth2: { tokenUrl: "{{Tokens.Url}}", clientId: me, clientSecret: s3cret } }
          slow: { url: "{{Ill.Url}}/slow", timeout: 300ms }
          narrow: { url: "{{Ill.Url}}/narrow", concurrency: 1, timeout: 1m }
          once: { url: "{{Ill.Url}}/once", timeout: 1m }
          fragile: { url: "{{Ill.Url}}/fragile", breaker: { minimum: 2, pause: 10m } }
        routes:
          - { source: sysaid, to: stored, where: "updates[?fieldName=='to' && currentValue=='both']" }
          - { source: sysaid, to: live, mode: proxy, where: "updates[?fieldName=='to' && (currentValue=='live' || currentValue=='both')]" }
          - { source: sysaid, to: once, mode: proxy, dedupe: true, where: "updates[?fieldName=='to' && currentValue=='once']" }
        {{string.Join('\n', new[] { "raw", "refused", "denied", "token", "slow", "narrow", "fragile" }.Select(Route))}}
        """;

    private static string Route(string name) =>
        $"  - {{ source: sysaid, to: {name}, mode: proxy, where: \"updates[?fieldName=='to' && currentValue=='{name}']\" }}";
}

using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Deliver;

/// <summary>The real program with one destination for each thing that shapes deliveries, all at one receiver's paths.</summary>
public sealed class ShapedGateway : IAsyncLifetime
{
    private const string Secret = "a secret of the test";

    public Receiver Plain { get; private set; } = null!;

    public Receiver Limited { get; private set; } = null!;

    public Receiver Small { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    /// <summary>Posts events that are routed by what they say.</summary>
    public SysAidSender Sender { get; private set; } = null!;

    /// <summary>Posts events to <see cref="Limited"/>, which takes 20 a second.</summary>
    public SysAidSender ToLimited { get; private set; } = null!;

    /// <summary>Posts events to <see cref="Small"/>, 32 at once at most.</summary>
    public SysAidSender ToSmall { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Plain = await Receiver.StartAsync();
        Limited = await Receiver.StartAsync();
        Small = await Receiver.StartAsync();
        Gateway = await GatewayProcess.StartAsync(Configuration);
        Sender = SenderTo("sysaid");
        ToLimited = SenderTo("limited");
        ToSmall = SenderTo("small");
    }

    public async ValueTask DisposeAsync()
    {
        Sender.Dispose();
        ToLimited.Dispose();
        ToSmall.Dispose();
        await Gateway.DisposeAsync();
        await Small.DisposeAsync();
        await Limited.DisposeAsync();
        await Plain.DisposeAsync();
    }

    private SysAidSender SenderTo(string source) => new(new Uri(Gateway.HttpsUrl, $"/hooks/{source}"), Secret);

    private string Configuration(GatewayPorts ports) => $$"""
        {{ports.Listen}}
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
          limited: { preset: sysaid, secrets: ["{{Secret}}"] }
          small: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          urgent: { url: "{{Plain.Url}}/urgent" }
          retried: { url: "{{Plain.Url}}/retried", retry: { first: 20s, max: 20s }, breaker: { minimum: 1000 } }
          capped: { url: "{{Plain.Url}}/capped", retry: { first: 100ms, max: 300ms }, breaker: { minimum: 1000 } }
          old: { url: "{{Plain.Url}}/old", retry: { first: 2s, factor: 1, jitter: 0, maxAge: 10s }, breaker: { minimum: 1000 } }
          strictly: { url: "{{Plain.Url}}/strictly", retry: { first: 100ms, giveUpOn: [400-409, 5xx] }, breaker: { minimum: 1000 } }
          slack: { url: "{{Plain.Url}}/slack", template: {{Repository.File("config", "templates", "slack.liquid")}} }
          text:
            url: "{{Plain.Url}}/text"
            template: { file: {{Repository.File("config", "templates", "text.liquid")}}, contentType: text/plain }
          limited: { url: "{{Limited.Url}}", rateLimit: 20/s }
          small: { url: "{{Small.Url}}", concurrency: 32, retry: { attempts: 50, first: 200ms, factor: 1 }, breaker: { minimum: 1000000 } }
        routes:
          - { source: sysaid, to: urgent, where: "updates[?fieldName=='priority' && currentValue=='1']" }
          - { name: fragile, source: sysaid, to: urgent, where: "breaks && contains(`7`, 'x')" }
          - { source: sysaid, to: retried, where: "updates[?fieldName=='to' && currentValue=='retried']" }
          - { source: sysaid, to: capped, where: "updates[?fieldName=='to' && currentValue=='capped']" }
          - { source: sysaid, to: old, where: "updates[?fieldName=='to' && currentValue=='old']" }
          - { source: sysaid, to: strictly, where: "updates[?fieldName=='to' && currentValue=='strictly']" }
          - { source: sysaid, to: [slack, text], where: "updates[?fieldName=='to' && currentValue=='chat']" }
          - { source: limited, to: limited }
          - { source: small, to: small }
        """;
}

using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using HookGateway.Testing.Telemetry;
using Xunit;

namespace HookGateway.FunctionalTests.MainJob;

/// <summary>The real program as an operator would configure it for SysAid, with two downstreams and an OTLP receiver.</summary>
public sealed class SysAidGateway : IAsyncLifetime
{
    public const string Secret = "a secret of the test";

    public Receiver Tickets { get; private set; } = null!;

    public Receiver Audit { get; private set; } = null!;

    public OtlpReceiver Otlp { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public SysAidSender Sender { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Tickets = await Receiver.StartAsync();
        Audit = await Receiver.StartAsync();
        Otlp = await OtlpReceiver.StartAsync();
        Gateway = await GatewayProcess.StartAsync(Configuration);
        Sender = new SysAidSender(new Uri(Gateway.HttpsUrl, "/hooks/sysaid"), Secret);
    }

    public async ValueTask DisposeAsync()
    {
        Sender.Dispose();
        await Gateway.DisposeAsync();
        await Otlp.DisposeAsync();
        await Audit.DisposeAsync();
        await Tickets.DisposeAsync();
    }

    private string Configuration(GatewayPorts ports) => $$"""
        {{ports.Listen}}
        limits: { bodySize: 64KiB, requestTimeout: 20s }
        telemetry: { otlp: { endpoint: "{{Otlp.HttpEndpoint}}", protocol: http/protobuf } }
        sources:
          sysaid:
            preset: sysaid
            secrets: ["{{Secret}}", "the secret before"]
          elsewhere:
            preset: sysaid
            secrets: ["{{Secret}}"]
            allow: [203.0.113.0/24]
          timed:
            verify: { hmac: { header: X-Signature, format: "t={timestamp},v1={signature}", content: "{timestamp}.{body}", tolerance: 5m } }
            secrets: ["{{Secret}}"]
            event: type
            id: header:X-Delivery-Id
        destinations:
          tickets: { url: "{{Tickets.Url}}?token=in-the-url", retry: { first: 200ms, factor: 1 }, breaker: { minimum: 1000 } }
          audit: { url: "{{Audit.Url}}", headers: { Authorization: "Bearer of-audit" } }
        routes:
          - { source: sysaid, events: [sr.created], to: [tickets, audit] }
          - { source: sysaid, events: ["sr.*"], to: [audit] }
          - { source: timed, to: [audit] }
        """;
}

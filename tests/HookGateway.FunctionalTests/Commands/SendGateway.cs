using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary>A gateway to send to, and the configuration that <c>send</c> shares with it.</summary>
public sealed class SendGateway : IAsyncLifetime
{
    public Receiver Downstream { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public string Configuration => Path.Combine(Gateway.Directory, "hookgateway.yaml");

    public async ValueTask InitializeAsync()
    {
        Downstream = await Receiver.StartAsync();
        Gateway = await GatewayProcess.StartAsync(ports => $$"""
            {{ports.Listen}}
            sources:
              sysaid: { preset: sysaid, secrets: [the secret, the one before] }
              timed:
                verify: { hmac: { header: X-Signature, format: "t={timestamp},v1={signature}", content: "{timestamp}.{body}", tolerance: 5m } }
                secrets: [of another source]
                event: header:X-Event
                id: header:X-Delivery-Id
            destinations: { d: { url: "{{Downstream.Url}}" } }
            routes: [{ source: sysaid, to: d }, { source: timed, to: d }]
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Downstream.DisposeAsync();
    }
}

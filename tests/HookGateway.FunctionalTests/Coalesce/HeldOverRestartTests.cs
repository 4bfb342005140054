using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using HookGateway.Testing.Telemetry;
using Xunit;

namespace HookGateway.FunctionalTests.Coalesce;

/// <summary>What is held goes out after a restart as it would have without, in one trace with what came last.</summary>
public sealed class HeldOverRestartTests : IAsyncLifetime
{
    private const string Secret = "a secret of the test";

    private Receiver _downstream = null!;
    private OtlpReceiver _otlp = null!;
    private GatewayProcess _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        (_downstream, _otlp) = (await Receiver.StartAsync(), await OtlpReceiver.StartAsync());
        _gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, "{ events: [sr.updated], quiet: 10s, max: 1m }"));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _otlp.DisposeAsync();
        await _downstream.DisposeAsync();
    }

    [Fact]
    public async Task Held_GatewayIsKilledMeanwhile_GoesOutWhenItIsDue()
    {
        await SendAsync(SysAidEvent.Changes(1, null, ("status", "1", 10)), "1");
        await SendAsync(SysAidEvent.Changes(1, null, ("title", "a", 11)), "2");
        await _gateway.KillAsync();
        await _gateway.StartAgainAsync();

        var arrival = (await _downstream.WaitForAsync(1))[0];

        Assert.Equal(["status=1", "title=a"], CoalescingGateway.ChangesIn(arrival));
        var spans = await _otlp.WaitForSpansAsync(all => all.Any(span => span.Name == "webhook deliver d"));
        var release = Assert.Single(spans, span => span.Name == "webhook release sysaid");
        var deliver = Assert.Single(spans, span => span.Name == "webhook deliver d");
        Assert.Equal((Trace("2"), release.SpanId, "coalesce"), (deliver.TraceId, deliver.ParentSpanId, deliver.Attribute("hookgateway.origin")));
        Assert.Equal((Trace("2"), "coalesce"), (release.TraceId, release.Attribute("hookgateway.origin")));
        Assert.Equal(Trace("1"), Assert.Single(release.Links).TraceId);
    }

    [Fact]
    public async Task Held_CoalesceIsTakenAway_GoesOutBeforeAnythingElse()
    {
        _gateway.Configure(Configuration(_gateway.Ports, "{ events: [sr.updated], quiet: 1h, max: 2h }"));
        await _gateway.TerminateAsync();
        await _gateway.StartAgainAsync();
        var held = await SendAsync(SysAidEvent.Changes(2, null, ("status", "1", 10)), "1");
        Assert.Empty(_downstream.Arrivals);

        _gateway.Configure(Configuration(_gateway.Ports, "~"));
        await _gateway.KillAsync();
        await _gateway.StartAgainAsync();
        var next = await SendAsync(SysAidEvent.Changes(2, null, ("status", "2", 20)), "2");

        var arrivals = await _downstream.WaitForAsync(2);
        Assert.Equal([held, next], arrivals.Select(arrival => arrival.WebhookId));
        var report = JsonNode.Parse(await _gateway.Client.GetStringAsync(
            new Uri(_gateway.AdminUrl, "/api/v1/audit"), TestContext.Current.CancellationToken))!;
        Assert.True((bool)report["balanced"]!, report.ToJsonString());
    }

    private static string Trace(string digit) => string.Concat(Enumerable.Repeat(digit, 32));

    private async Task<string> SendAsync(byte[] body, string digit)
    {
        using var sender = new SysAidSender(new Uri(_gateway.HttpsUrl, "/hooks/sysaid"), Secret);
        var answer = await sender.SendAsync(body, ("traceparent", $"00-{Trace(digit)}-00f067aa0ba902b7-01"));
        Assert.Equal(202, answer.Status);
        return answer.Id!;
    }

    private string Configuration(GatewayPorts ports, string coalesce) => $$"""
        {{ports.Listen}}
        telemetry: { otlp: { endpoint: "{{_otlp.GrpcEndpoint}}" } }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"], coalesce: {{coalesce}} }
        destinations:
          d: { url: "{{_downstream.Url}}" }
        routes:
          - { source: sysaid, to: d }
        """;
}

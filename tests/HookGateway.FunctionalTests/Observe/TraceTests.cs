using HookGateway.FunctionalTests.MainJob;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using HookGateway.Testing.Telemetry;
using Xunit;

namespace HookGateway.FunctionalTests.Observe;

/// <summary>One trace tells an event's whole story, read at an OTLP receiver.</summary>
public sealed class TraceTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task Trace_RetriedEvent_HoldsTheRequestTheCommitAndEveryAttempt(string protocol)
    {
        await using var downstream = await Receiver.StartAsync();
        await using var otlp = await OtlpReceiver.StartAsync();
        downstream.AnswerEachEvent(Answer.Status(503), Answer.Status(503), Answer.Ok);
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, otlp, protocol));
        using var sender = SenderOf(gateway);

        var answer = await sender.SendAsync(
            SysAidEvent.Created(1), ("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01"));

        var spans = await otlp.WaitForSpansAsync(all => all.Count(span => span.TraceId == TraceId) >= 5);
        var own = spans.Where(span => span.TraceId == TraceId).OrderBy(span => span.Start).ToArray();
        var receive = Assert.Single(own, span => span.Name == "webhook receive sysaid");
        Assert.Equal(SpanKind.Server, receive.Kind);
        Assert.Equal("00f067aa0ba902b7", receive.ParentSpanId);
        Assert.Equal("accepted", receive.Attribute("hookgateway.outcome"));
        Assert.Equal("sr.created", receive.Attribute("hookgateway.event"));
        Assert.Equal(answer.Id, receive.Attribute("hookgateway.event_id"));
        Assert.Equal("POST", receive.Attribute("http.request.method"));
        Assert.Equal("202", receive.Attribute("http.response.status_code"));

        var store = Assert.Single(own, span => span.Name == "webhook store");
        Assert.Equal(receive.SpanId, store.ParentSpanId);

        var attempts = own.Where(span => span.Name == "webhook deliver d").ToArray();
        Assert.Equal(3, attempts.Length);
        Assert.All(attempts, attempt =>
        {
            Assert.Equal(SpanKind.Client, attempt.Kind);
            Assert.Equal(receive.SpanId, attempt.ParentSpanId);
            Assert.Equal(answer.Id, attempt.Attribute("hookgateway.event_id"));
            Assert.Equal("127.0.0.1", attempt.Attribute("server.address"));
        });
        Assert.Equal(["1", "2", "3"], attempts.Select(attempt => attempt.Attribute("hookgateway.attempt")));
        Assert.Equal([null, "1", "2"], attempts.Select(attempt => attempt.Attribute("http.request.resend_count")));
        Assert.Equal(["503", "503", "200"], attempts.Select(attempt => attempt.Attribute("http.response.status_code")));
        Assert.Equal(["503", "503", null], attempts.Select(attempt => attempt.Attribute("error.type")));
        Assert.Equal([SpanStatus.Error, SpanStatus.Error], attempts.Take(2).Select(attempt => attempt.Status));

        // Each downstream request belongs to its attempt.
        var parents = downstream.Arrivals.Select(arrival => arrival.Header("traceparent")).ToArray();
        Assert.Equal(attempts.Select(attempt => $"00-{TraceId}-{attempt.SpanId}-01"), parents);
        Assert.DoesNotContain(spans.SelectMany(span => span.Attributes.Values), value => value.Contains("in-the-url", StringComparison.Ordinal));
        Assert.Equal(5, own.Length);
    }

    [Fact]
    public async Task Trace_AttemptAfterARestart_IsInTheSameTrace()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var otlp = await OtlpReceiver.StartAsync();
        downstream.AnswerWith(_ => Answer.Status(503));
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, otlp, "grpc"));
        using (var sender = SenderOf(gateway))
            await sender.SendAsync(SysAidEvent.Created(1));

        await downstream.WaitForAsync(1);
        Assert.Equal(0, await gateway.TerminateAsync());
        var before = await otlp.WaitForSpansAsync(all => all.Any(span => span.Name == "webhook deliver d"));
        var trace = Assert.Single(before, span => span.Name == "webhook receive sysaid");
        downstream.AnswerWith(_ => Answer.Ok);
        await gateway.StartAgainAsync();

        var after = await otlp.WaitForSpansAsync(all => all.Any(span => span.Attribute("hookgateway.outcome") == "delivered"));
        var delivered = Assert.Single(after, span => span.Attribute("hookgateway.outcome") == "delivered");
        Assert.Equal(trace.TraceId, delivered.TraceId);
        Assert.Equal(trace.SpanId, delivered.ParentSpanId);
        Assert.Equal("", trace.ParentSpanId);
    }

    [Fact]
    public async Task Trace_SenderSamplesNothing_IsKeptAllTheSame()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var otlp = await OtlpReceiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, otlp, "grpc"));
        using var sender = SenderOf(gateway);

        await sender.SendAsync(SysAidEvent.Created(1), ("traceparent", $"00-{TraceId}-00f067aa0ba902b7-00"));

        var spans = await otlp.WaitForSpansAsync(all => all.Any(span => span.Name == "webhook deliver d"));
        Assert.All(spans, span => Assert.Equal(TraceId, span.TraceId));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    public async Task Trace_TraceParentOfNoGoodForm_BeginsATraceOfItsOwn(string traceParent)
    {
        await using var downstream = await Receiver.StartAsync();
        await using var otlp = await OtlpReceiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, otlp, "grpc"));
        using var sender = SenderOf(gateway);

        Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(1), ("traceparent", traceParent))).Status);

        var spans = await otlp.WaitForSpansAsync(all => all.Any(span => span.Name == "webhook deliver d"));
        Assert.Single(spans.Select(span => span.TraceId).Distinct());
        Assert.NotEqual(TraceId, spans[0].TraceId);
    }

    [Fact]
    public async Task Trace_NotSampled_StillPassesItsIdOn()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var otlp = await OtlpReceiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports =>
            Configuration(ports, downstream, otlp, "grpc").Replace("sampling: 1", "sampling: 0", StringComparison.Ordinal));
        using var sender = SenderOf(gateway);

        await sender.SendAsync(SysAidEvent.Created(1), ("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01"));

        var arrival = (await downstream.WaitForAsync(1))[0];
        Assert.Matches($"^00-{TraceId}-[0-9a-f]{{16}}-00$", arrival.Header("traceparent"));
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Empty(otlp.Spans);
    }

    [Fact]
    public async Task Trace_HalfIsSampled_SpansAreOfTheEventsThatSayTheyAre()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var otlp = await OtlpReceiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports =>
            Configuration(ports, downstream, otlp, "grpc").Replace("sampling: 1", "sampling: 0.5", StringComparison.Ordinal));
        using var sender = SenderOf(gateway);
        for (var i = 0; i < 40; i++)
            await sender.SendAsync(SysAidEvent.Created(i));

        var places = (await downstream.WaitForAsync(40)).Select(arrival => arrival.Header("traceparent")!.Split('-')).ToList();
        var kept = places.Where(place => place[3] == "01").Select(place => place[1]).Order(StringComparer.Ordinal).ToList();
        Assert.InRange(kept.Count, 1, 39);
        Assert.Equal(0, await gateway.TerminateAsync());

        string[] Of(string name) => [.. otlp.Spans.Where(span => span.Name == name).Select(span => span.TraceId).Order(StringComparer.Ordinal)];
        Assert.Equal(kept, Of("webhook receive sysaid"));
        Assert.Equal(kept, Of("webhook deliver d"));
    }

    [Fact]
    public async Task Telemetry_MetricsAndLogs_ArriveByOtlpAndAtTheAdminPort()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var otlp = await OtlpReceiver.StartAsync();
        downstream.AnswerWith(arrival => arrival.Header("X-HookGateway-Event") == "sr.updated" ? Answer.Status(410)
            : arrival.Attempt == 1 ? Answer.Status(500)
            : Answer.Ok);
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, otlp, "http/protobuf"));
        using var sender = SenderOf(gateway);
        var body = SysAidEvent.Created(1);
        await sender.SendAsync(body);
        await sender.SendAsync(body);
        await sender.SendAsync(SysAidEvent.Updated(1, "status", "2"));
        await sender.PostAsync(SysAidEvent.Created(2), (SysAidSender.SignatureHeader, "00"));
        await downstream.WaitForAsync(3);

        string page = "";
        await Wait.UntilAsync(
            async () =>
            {
                page = await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/metrics"), TestContext.Current.CancellationToken);
                return page.Contains("hookgateway_outcome=\"delivered\"", StringComparison.Ordinal);
            },
            "the delivery among the metrics");
        foreach (var name in new[]
        {
            "hookgateway_events", "hookgateway_accept_duration_seconds", "hookgateway_rejected", "hookgateway_secret_verified",
            "hookgateway_deliveries", "hookgateway_delivery_duration_seconds", "hookgateway_delivery_lag_seconds",
            "hookgateway_pending{", "hookgateway_pending_oldest_age_seconds", "hookgateway_dead", "hookgateway_breaker_state",
            "hookgateway_store_commit_duration_seconds", "hookgateway_store_batch_size",
        })
            Assert.Contains(name, page, StringComparison.Ordinal);

        // A commit takes milliseconds: the buckets have to tell them apart.
        Assert.Matches("hookgateway_store_commit_duration_seconds_bucket{[^}]*le=\"0.001\"", page);

        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Equal(
            ["accepted 2", "duplicate 1", "rejected 1"], Outcomes(otlp, "hookgateway.events"));
        Assert.Equal(
            ["dead 1", "delivered 1", "retrying 1"], Outcomes(otlp, "hookgateway.deliveries"));
        Assert.Contains(otlp.Points, point => point.Name == "hookgateway.rejected"
            && point.Attributes["hookgateway.reason"] == "bad_signature_format");
        Assert.Contains(otlp.Logs, log => log.Body.Contains("not delivered to d at attempt 1", StringComparison.Ordinal));
    }

    /// <summary>Each outcome with how often it was counted, whatever the other attributes, in the last word of the metric.</summary>
    private static IEnumerable<string> Outcomes(OtlpReceiver otlp, string metric) => otlp.Points
        .Where(point => point.Name == metric)
        .GroupBy(point => string.Join(' ', point.Attributes.OrderBy(attribute => attribute.Key)))
        .Select(series => series.Last())
        .GroupBy(point => point.Attributes["hookgateway.outcome"], point => point.Value)
        .Select(outcome => $"{outcome.Key} {outcome.Sum()}")
        .Order(StringComparer.Ordinal);

    private static SysAidSender SenderOf(GatewayProcess gateway) =>
        new(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), SysAidGateway.Secret);

    private static string Configuration(GatewayPorts ports, Receiver downstream, OtlpReceiver otlp, string protocol) => $$"""
        {{ports.Listen}}
        telemetry: { sampling: 1, otlp: { endpoint: "{{(protocol == "grpc" ? otlp.GrpcEndpoint : otlp.HttpEndpoint)}}", protocol: {{protocol}} } }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] }
        destinations:
          d: { url: "{{downstream.Url}}?token=in-the-url", retry: { first: 300ms, factor: 1 } }
        routes:
          - { source: sysaid, to: [d] }
        """;
}

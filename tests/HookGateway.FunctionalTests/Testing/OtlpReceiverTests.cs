using System.Diagnostics;
using System.Diagnostics.Metrics;
using HookGateway.Testing;
using HookGateway.Testing.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Xunit;
using SpanKind = HookGateway.Testing.Telemetry.SpanKind;

namespace HookGateway.FunctionalTests.Testing;

/// <summary>The collector against OpenTelemetry's own exporter: both protocols, all three signals.</summary>
public sealed class OtlpReceiverTests
{
    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Span_Exported_IsReadWhole(OtlpExportProtocol protocol)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var source = new ActivitySource($"spans over {protocol}");
        var linked = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        ActivityContext parent;
        using (Provider(collector, protocol, tracing => tracing.WithTracing(traces => traces.AddSource(source.Name))))
        {
            using var outer = source.StartActivity("outer", ActivityKind.Server)!;
            parent = outer.Context;
            using var inner = source.StartActivity("inner", ActivityKind.Client, parent, links: [new ActivityLink(linked)])!;
            inner.SetTag("text", "täglich").SetTag("whole", 7).SetTag("share", 0.5).SetTag("yes", true);
            inner.AddEvent(new ActivityEvent("tried"));
            inner.SetStatus(ActivityStatusCode.Error, "refused");
        }

        var spans = await collector.WaitForSpansAsync(spans => spans.Count == 2);
        var span = spans.Single(span => span.Name == "inner");
        Assert.Equal((parent.TraceId.ToString(), parent.SpanId.ToString()), (span.TraceId, span.ParentSpanId));
        Assert.Equal((SpanKind.Client, SpanStatus.Error, "refused"), (span.Kind, span.Status, span.StatusMessage));
        Assert.Equal(("täglich", "7", "0.5", "true"), (span.Attribute("text"), span.Attribute("whole"), span.Attribute("share"), span.Attribute("yes")));
        Assert.Equal([(linked.TraceId.ToString(), linked.SpanId.ToString())], span.Links);
        Assert.Equal(["tried"], span.Events);
        Assert.InRange(span.End - span.Start, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.InRange(TimeProvider.System.GetUtcNow() - span.End, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        Assert.Equal("tests", span.Resource["service.name"]);
        Assert.Equal("", spans.Single(span => span.Name == "outer").ParentSpanId);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Metric_Exported_IsReadWithItsAttributes(OtlpExportProtocol protocol)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var meter = new Meter($"metrics over {protocol}");
        using (Provider(collector, protocol, telemetry => telemetry.WithMetrics(metrics => metrics.AddMeter(meter.Name))))
        {
            meter.CreateCounter<long>("whole").Add(3, new KeyValuePair<string, object?>("kind", "a"));
            meter.CreateHistogram<double>("times", "s").Record(0.25, new KeyValuePair<string, object?>("kind", "b"));
            meter.CreateObservableGauge("share", () => 0.75);
        }

        await Wait.UntilAsync(() => collector.Points.Count >= 3, "metrics");
        var points = collector.Points.ToDictionary(point => point.Name);
        Assert.Equal((3, "a"), (points["whole"].Value, points["whole"].Attributes["kind"]));
        Assert.Equal((1, "b", "s"), (points["times"].Value, points["times"].Attributes["kind"], points["times"].Unit));
        Assert.Equal(0.75, points["share"].Value);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Log_Exported_IsReadWithItsText(OtlpExportProtocol protocol)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using (var provider = Provider(collector, protocol, telemetry => telemetry.WithLogging(
                   null, options => options.IncludeFormattedMessage = true)))
        {
#pragma warning disable CA1848 // One line in a test gains nothing from a generated delegate.
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("tests").LogWarning("it is {Hour} o'clock", 7);
#pragma warning restore CA1848
        }

        await Wait.UntilAsync(() => collector.Logs.Count == 1, "a log record");
        var log = collector.Logs[0];
        Assert.Equal(("it is 7 o'clock", "7"), (log.Body, log.Attributes["Hour"]));
    }

    private static ServiceProvider Provider(OtlpReceiver collector, OtlpExportProtocol protocol, Action<IOpenTelemetryBuilder> configure)
    {
        var services = new ServiceCollection();
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("tests"));
        var endpoint = protocol == OtlpExportProtocol.Grpc ? collector.GrpcEndpoint : collector.HttpEndpoint;
        configure(telemetry.UseOtlpExporter(protocol, endpoint));
        var provider = services.BuildServiceProvider();

        // A host would start them; disposing the provider flushes what they hold.
        _ = (provider.GetService<TracerProvider>(), provider.GetService<MeterProvider>(), provider.GetService<LoggerProvider>());
        return provider;
    }
}

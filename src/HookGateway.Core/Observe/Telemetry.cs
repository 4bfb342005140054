using HookGateway.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace HookGateway.Observe;

/// <summary>OpenTelemetry as <c>telemetry</c> says: traces, metrics and logs by OTLP, metrics for Prometheus as well.</summary>
internal static class Telemetry
{
    public static IServiceCollection AddGatewayTelemetry(this IServiceCollection services, TelemetryConfiguration configuration)
    {
        services.AddMetrics();
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton(new TraceSampling(configuration));
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(configuration.ServiceName))
            .WithMetrics(metrics => metrics
                .AddMeter(GatewayMetrics.MeterName)
                .AddMeter("Microsoft.AspNetCore.Server.Kestrel")
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter());
        if (configuration.Otlp is not { } otlp)
            return services;

        telemetry
            .WithTracing(tracing => tracing
                .AddSource(GatewayActivity.SourceName)

                // By the trace id alone: a sender's "not sampled" would silence its events, and every attempt of an event,
                // however late and whichever process makes it, decides the same.
                .SetSampler(new TraceIdRatioBasedSampler(configuration.Sampling)))
            .WithLogging()
            .UseOtlpExporter(
                otlp.Protocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf, otlp.Endpoint);
        services.Configure<OpenTelemetryLoggerOptions>(options => options.IncludeFormattedMessage = true);
        return services;
    }
}

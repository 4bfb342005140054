namespace HookGateway.Configuration;

/// <summary><c>telemetry</c>: OpenTelemetry.</summary>
public sealed record TelemetryConfiguration
{
    /// <summary>The resource's <c>service.name</c>. Default <c>hookgateway</c>.</summary>
    public string ServiceName { get; init; } = "hookgateway";

    /// <summary>The share of traces that is kept, 0 to 1, decided by the trace id. Default 1.</summary>
    public double Sampling { get; init; } = 1;

    /// <summary>Where to export to; <see langword="null"/>: nothing is sent.</summary>
    public OtlpConfiguration? Otlp { get; init; }
}

/// <summary><c>telemetry.otlp</c>.</summary>
/// <param name="Endpoint">The base URL; for <c>http/protobuf</c> the paths <c>/v1/traces</c> and so on are appended.</param>
/// <param name="Protocol">Default <c>grpc</c>.</param>
public sealed record OtlpConfiguration(Uri Endpoint, OtlpProtocol Protocol);

/// <summary>How telemetry is sent.</summary>
public enum OtlpProtocol
{
    /// <summary><c>grpc</c>, usually port 4317.</summary>
    Grpc,

    /// <summary><c>http/protobuf</c>, usually port 4318.</summary>
    HttpProtobuf,
}

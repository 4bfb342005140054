using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>telemetry</c>.</summary>
internal static class TelemetryReader
{
    private static readonly Kind<double> Share = Kinds.Number(0, 1);
    private static readonly Uri Placeholder = new("http://localhost:4317");

    private static readonly Kind<OtlpProtocol> Protocol =
        Kinds.OneOf(("grpc", OtlpProtocol.Grpc), ("http/protobuf", OtlpProtocol.HttpProtobuf));

    public static TelemetryConfiguration Read(MappingReader telemetry)
    {
        var defaults = new TelemetryConfiguration();
        return new TelemetryConfiguration
        {
            ServiceName = telemetry.Value("serviceName", Kinds.Text, defaults.ServiceName),
            Sampling = telemetry.Value("sampling", Share, defaults.Sampling),
            Otlp = telemetry.Section<OtlpConfiguration?>("otlp", ReadOtlp, null),
        };
    }

    private static OtlpConfiguration ReadOtlp(MappingReader otlp) =>
        new(otlp.Required("endpoint", Kinds.Url, Placeholder), otlp.Value("protocol", Protocol, OtlpProtocol.Grpc));
}

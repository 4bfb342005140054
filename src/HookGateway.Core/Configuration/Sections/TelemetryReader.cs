using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>telemetry</c>.</summary>
internal static class TelemetryReader
{
    private static readonly Kind<double> Share = Kinds.Number(0, 1);
    private static readonly Uri Placeholder = new("http://localhost:4317");

    private static readonly Kind<OtlpProtocol> Protocol =
        Kinds.OneOf(("grpc", OtlpProtocol.Grpc), ("http/protobuf", OtlpProtocol.HttpProtobuf));

    // Nothing in place of the URL: one file serves with a collector and without, as in "${COLLECTOR:-}".
    private static readonly Kind<Uri?> Endpoint = new(Kinds.Url.Expected, TryReadEndpoint) { MayBeSecret = true };

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

    private static OtlpConfiguration? ReadOtlp(MappingReader otlp)
    {
        var endpoint = otlp.Required("endpoint", Endpoint, Placeholder);
        var protocol = otlp.Value("protocol", Protocol, OtlpProtocol.Grpc);
        return endpoint is null ? null : new OtlpConfiguration(endpoint, protocol);
    }

    private static bool TryReadEndpoint(string text, out Uri? url)
    {
        url = null;
        return text.Length == 0 || Kinds.Url.TryRead(text, out url);
    }
}

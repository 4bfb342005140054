using System.Globalization;
using System.Text;
using HookGateway.Load.Loading;
using HookGateway.Testing.Gateway;

namespace HookGateway.Load.Peers;

/// <summary>What a gateway that is measured finds around it.</summary>
/// <param name="Storage">What stands under <c>storage</c>.</param>
/// <param name="Sink">Where its events go.</param>
/// <param name="Nobody">An address where nobody listens.</param>
/// <param name="Otlp">An OTLP receiver over HTTP; <see langword="null"/> where none runs.</param>
/// <param name="Certificate">The paths of a certificate and its key.</param>
internal sealed record Surroundings(string Storage, Uri Sink, Uri Nobody, Uri? Otlp, (string Path, string Key) Certificate);

/// <summary>Writes the configuration of a gateway that is measured: everything that is not its shape stays as by default.</summary>
internal static class GatewayYaml
{
    /// <summary>The source that the load is sent to.</summary>
    public const string Source = "sysaid";

    /// <summary>The destination that is owed what a store holds as pending.</summary>
    public const string Nobody = "nobody";

    /// <summary>The name of a destination at the sink, from 0.</summary>
    public static string Destination(int number) => string.Create(CultureInfo.InvariantCulture, $"sink-{number}");

    /// <summary>The whole file.</summary>
    public static string Write(Candidate candidate, GatewayPorts ports, Surroundings around)
    {
        var shape = candidate.Gateway;
        var yaml = new StringBuilder();
        var https = candidate.Https
            ? $$"""{ address: "127.0.0.1:{{ports.Https}}", certificate: "{{around.Certificate.Path}}", key: "{{around.Certificate.Key}}" }"""
            : "off";
        yaml.AppendLine(CultureInfo.InvariantCulture, $$"""
            listen:
              https: {{https}}
              http: { address: "127.0.0.1:{{ports.Http}}" }
              admin: { address: "127.0.0.1:{{ports.Admin}}" }
            log: { level: warning }
            storage: {{around.Storage}}
            """);
        if (shape.Sampling is { } sampling)
        {
            yaml.AppendLine(
                CultureInfo.InvariantCulture,
                $$"""telemetry: { sampling: {{sampling}}, otlp: { endpoint: "{{around.Otlp}}", protocol: http/protobuf } }""");
        }

        yaml.AppendLine(CultureInfo.InvariantCulture, $"sources: {{ {Source}: {{ preset: sysaid, secrets: [{SampleEvent.Secret}]{Key(shape)} }} }}");
        AppendDestinations(yaml, shape, around);
        AppendRoutes(yaml, shape);
        return yaml.ToString();
    }

    // All samples are about one record, and in Redis what has one key is in one place: there each has a key of its own, as with SysAid.
    private static string Key(GatewayShape shape) => shape.OnRedis ? ", key: id" : "";

    private static void AppendDestinations(StringBuilder yaml, GatewayShape shape, Surroundings around)
    {
        yaml.AppendLine("destinations:");
        for (var number = 0; number < Math.Max(shape.Destinations, shape.FanOut); number++)
            yaml.AppendLine(CultureInfo.InvariantCulture, $$"""  {{Destination(number)}}: { url: "{{around.Sink}}" }""");

        if (shape.Stored.Pending > 0)
            yaml.AppendLine(CultureInfo.InvariantCulture, $$"""  {{Nobody}}: { url: "{{around.Nobody}}" }""");
    }

    private static void AppendRoutes(StringBuilder yaml, GatewayShape shape)
    {
        yaml.AppendLine("routes:");
        if (shape.Routes == 1)
        {
            var all = string.Join(", ", Enumerable.Range(0, shape.FanOut).Select(Destination));
            yaml.AppendLine(CultureInfo.InvariantCulture, $"  - {{ source: {Source}, to: [{all}] }}");
            return;
        }

        // Half of them name their event, half have a pattern that only it fits.
        for (var number = 0; number < shape.Routes; number++)
        {
            var name = SampleEvent.Name(number);
            var events = number % 2 == 0 ? name : $"*{name[^SampleEvent.NameDigits..]}";
            yaml.AppendLine(
                CultureInfo.InvariantCulture,
                $$"""  - { source: {{Source}}, events: ["{{events}}"], to: [{{Destination(number % shape.Destinations)}}] }""");
        }
    }
}

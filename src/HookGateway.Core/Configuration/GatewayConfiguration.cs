namespace HookGateway.Configuration;

/// <summary>
/// One valid configuration, whole and immutable: defaults filled in, presets merged, secrets resolved, references checked.
/// Made by <see cref="ConfigurationLoader"/>; a new version replaces the old one whole.
/// </summary>
public sealed record GatewayConfiguration
{
    /// <summary>Where the gateway listens.</summary>
    public required ListenConfiguration Listen { get; init; }

    /// <summary>What is logged, and how.</summary>
    public required LogConfiguration Log { get; init; }

    /// <summary>What one request may cost.</summary>
    public required LimitsConfiguration Limits { get; init; }

    /// <summary>Which addresses may be dialled.</summary>
    public EgressConfiguration Egress { get; init; } = new();

    /// <summary>Where events are kept.</summary>
    public required StorageConfiguration Storage { get; init; }

    /// <summary>Where traces, metrics and logs go.</summary>
    public required TelemetryConfiguration Telemetry { get; init; }

    /// <summary>Who sends; in the file's order.</summary>
    public required IReadOnlyList<SourceConfiguration> Sources { get; init; }

    /// <summary>Who receives; in the file's order.</summary>
    public required IReadOnlyList<DestinationConfiguration> Destinations { get; init; }

    /// <summary>What goes where; in the file's order.</summary>
    public required IReadOnlyList<RouteConfiguration> Routes { get; init; }
}

namespace HookGateway.Testing.Telemetry;

/// <summary>A span as it was exported. Ids are lower-case hex; attributes are text whatever they were.</summary>
public sealed record ReceivedSpan
{
    /// <summary>32 hex digits.</summary>
    public string TraceId { get; init; } = "";

    /// <summary>16 hex digits.</summary>
    public string SpanId { get; init; } = "";

    /// <summary>16 hex digits; empty for a root.</summary>
    public string ParentSpanId { get; init; } = "";

    /// <summary>The name.</summary>
    public string Name { get; init; } = "";

    /// <summary>OTLP's number for the kind.</summary>
    public SpanKind Kind { get; init; }

    /// <summary>Since 1970.</summary>
    public DateTimeOffset Start { get; init; }

    /// <summary>Since 1970.</summary>
    public DateTimeOffset End { get; init; }

    /// <summary>Unset, ok or error.</summary>
    public SpanStatus Status { get; init; }

    /// <summary>What the status says.</summary>
    public string StatusMessage { get; init; } = "";

    /// <summary>Attributes by name.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of the span's events.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Other traces that it points to.</summary>
    public IReadOnlyList<(string TraceId, string SpanId)> Links { get; init; } = [];

    /// <summary>Attributes of the resource: <c>service.name</c> and so on.</summary>
    public IReadOnlyDictionary<string, string> Resource { get; init; } = new Dictionary<string, string>();

    /// <summary>The attribute's value as text; <see langword="null"/> where it is absent.</summary>
    public string? Attribute(string name) => Attributes.GetValueOrDefault(name);
}

/// <summary>OTLP's span kinds, by their numbers.</summary>
public enum SpanKind
{
    /// <summary>Not said.</summary>
    Unspecified,

    /// <summary>Internal.</summary>
    Internal,

    /// <summary>Server.</summary>
    Server,

    /// <summary>Client.</summary>
    Client,

    /// <summary>Producer.</summary>
    Producer,

    /// <summary>Consumer.</summary>
    Consumer,
}

/// <summary>OTLP's status codes, by their numbers.</summary>
public enum SpanStatus
{
    /// <summary>Unset.</summary>
    Unset,

    /// <summary>Ok.</summary>
    Ok,

    /// <summary>Error.</summary>
    Error,
}

/// <summary>One point of a metric as it was exported.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Attributes">The point's attributes.</param>
/// <param name="Value">A gauge's or a sum's value; a histogram's count.</param>
public sealed record ReceivedPoint(string Name, string Unit, IReadOnlyDictionary<string, string> Attributes, double Value);

/// <summary>A log record as it was exported.</summary>
/// <param name="Body">Its text.</param>
/// <param name="Severity">As text, empty where it is not said.</param>
/// <param name="TraceId">32 hex digits, or empty.</param>
/// <param name="Attributes">Its attributes.</param>
public sealed record ReceivedLog(string Body, string Severity, string TraceId, IReadOnlyDictionary<string, string> Attributes);

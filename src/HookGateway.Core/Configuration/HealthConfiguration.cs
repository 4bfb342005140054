namespace HookGateway.Configuration;

/// <summary><c>health</c> of a destination: which of its <c>urls</c> get attempts. Where none is healthy, all do.</summary>
public sealed record HealthConfiguration
{
    /// <summary>Asks each address now and then; <see langword="null"/>: does not.</summary>
    public ActiveHealthConfiguration? Active { get; init; }

    /// <summary>Whether an address that gives no answer to an attempt is passed over for 30 s. Default no.</summary>
    public bool Passive { get; init; }
}

/// <summary><c>health.active</c>: an address that twice in a row does not answer 2xx is passed over until it does.</summary>
public sealed record ActiveHealthConfiguration
{
    /// <summary>What is asked for with GET, from the root of each URL's host. Default <c>/</c>.</summary>
    public string Path { get; init; } = "/";

    /// <summary>From one round to the next. Default 15 s; at least 100 ms.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For one answer. Default 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}

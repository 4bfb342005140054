namespace HookGateway.Configuration;

/// <summary><c>limits</c>: what one request may cost, and how many at once.</summary>
public sealed record LimitsConfiguration
{
    /// <summary>The largest body accepted, in bytes. Default 1 MiB; 64 MiB at most. Beyond it a sender gets 413.</summary>
    public long BodySize { get; init; } = 1024 * 1024;

    /// <summary>
    /// How long a sender may take to send a request, and how long it may wait for the store, each. Default 8 s: SysAid gives
    /// up after 10.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How many requests may be under way at once. Default 1000; beyond it a sender gets 429.</summary>
    public int ConcurrentRequests { get; init; } = 1000;
}

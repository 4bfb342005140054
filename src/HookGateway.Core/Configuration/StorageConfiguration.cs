using HookGateway.Store;

namespace HookGateway.Configuration;

/// <summary><c>storage</c>: where events are kept.</summary>
public sealed record StorageConfiguration
{
    /// <summary>The engine's name. Default, and so far the only one: <c>sqlite</c>.</summary>
    public string Engine { get; init; } = "sqlite";

    /// <summary>SQLite's file, relative to the working directory. Default <c>data/hookgateway.db</c>.</summary>
    public string Path { get; init; } = "data/hookgateway.db";

    /// <summary>How long ended events are kept. Default 7 days, dead ones 30.</summary>
    public RetentionLimits Retention { get; init; } = new(TimeSpan.FromDays(7), TimeSpan.FromDays(30));
}

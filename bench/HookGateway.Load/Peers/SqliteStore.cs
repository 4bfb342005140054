namespace HookGateway.Load.Peers;

/// <summary>SQLite's file and the journal beside it.</summary>
internal sealed class SqliteStore(string path) : GatewayStore
{
    /// <inheritdoc/>
    public override string Yaml => $$"""{ path: "{{path}}" }""";

    /// <inheritdoc/>
    public override Task<StoreSize> MeasureAsync() => Task.FromResult(StoreSize.Of(path));

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

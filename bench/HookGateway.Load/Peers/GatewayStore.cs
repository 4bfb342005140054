namespace HookGateway.Load.Peers;

/// <summary>Where a gateway that is measured keeps its events; there, and filled, before the gateway starts.</summary>
internal abstract class GatewayStore : IAsyncDisposable
{
    /// <summary>What stands under <c>storage</c> in the gateway's configuration.</summary>
    public abstract string Yaml { get; }

    /// <summary>The engine's own processes: what they use is part of what the gateway costs.</summary>
    public virtual IReadOnlyList<int> ProcessIds => [];

    /// <summary>Makes the one that a gateway's shape asks for.</summary>
    public static async Task<GatewayStore> CreateAsync(GatewayShape shape, Rig rig, CancellationToken cancellationToken)
    {
        if (shape.OnRedis)
            return await RedisStore.StartAsync(rig);

        var path = Path.Combine(rig.Directory, $"store-{Guid.NewGuid():n}.db");
        await StoreFiller.FillAsync(path, shape.Stored, cancellationToken);
        return new SqliteStore(path);
    }

    /// <summary>How much of it there is, while no gateway has it open.</summary>
    public abstract Task<StoreSize> MeasureAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

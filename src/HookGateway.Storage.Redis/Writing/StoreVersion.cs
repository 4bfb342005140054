namespace HookGateway.Storage.Redis.Writing;

/// <summary>
/// Versions of what is replaced only as it was read. Drawn, not counted: after a loss (a crash, a failover) a count would come to the
/// same number again, and who read what was lost would replace what he never saw.
/// </summary>
internal static class StoreVersion
{
    /// <summary>One that nothing had before; never 0.</summary>
    public static long Draw() => Random.Shared.NextInt64(1, long.MaxValue);
}

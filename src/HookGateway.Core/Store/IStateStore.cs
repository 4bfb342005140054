namespace HookGateway.Store;

/// <summary>
/// The part of the port that whoever does something for all gateways of one store needs: a few small named states that outlive the
/// process, and who of them does it at a time.
/// </summary>
public interface IStateStore
{
    /// <summary>A state; <see langword="null"/> where there is none of that name.</summary>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    ValueTask<NamedState?> FindStateAsync(string name, CancellationToken cancellationToken);

    /// <summary>Replaces a state if it is still the one that was read; completes after the commit.</summary>
    /// <param name="name">Which.</param>
    /// <param name="version"><see cref="NamedState.Version"/> as it was read; 0 where there was none.</param>
    /// <param name="value">At most <see cref="NamedState.MostBytes"/>; means nothing to the store.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The new version; <see langword="null"/>, and nothing changed, where somebody else was first.</returns>
    /// <exception cref="StoreException">The store cannot be written now; nothing was changed, or nobody knows: read it again.</exception>
    Task<long?> TrySetStateAsync(string name, long version, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the lead in something that only one gateway does at a time, or keeps it. When the holder dies another can take it after
    /// <paramref name="ttl"/>. Nothing proves it at the moment of a write: what is written is to be such that two can write it.
    /// </summary>
    /// <param name="name">What is led.</param>
    /// <param name="holder">Who asks, a name like no other's.</param>
    /// <param name="ttl">For how long from now, unless it is asked for again.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether the holder leads. Always, where one process alone can open the store.</returns>
    /// <exception cref="StoreException">The store cannot tell now.</exception>
    ValueTask<bool> TryLeadAsync(string name, string holder, TimeSpan ttl, CancellationToken cancellationToken);
}

/// <summary>A state by its name.</summary>
/// <param name="Version">Another one after every change; never 0.</param>
/// <param name="Value">What was last set.</param>
public sealed record NamedState(long Version, ReadOnlyMemory<byte> Value)
{
    /// <summary>The most that one may have.</summary>
    public const int MostBytes = 64 * 1024;
}

namespace HookGateway.Coalesce;

/// <summary>
/// Lets those who change one key in this process do so one after the other: all but the first would only find that the key had
/// changed, and decide again. Keys share a bounded number of turns; what is right rests on the store's versions alone.
/// </summary>
internal sealed class KeyTurns
{
    private const int Count = 512;

    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Count).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Waits for a key's turn.</summary>
    /// <returns>Whoever is to end it with <see cref="SemaphoreSlim.Release()"/>; <see langword="null"/> where it did not come in time.</returns>
    public async Task<SemaphoreSlim?> TakeAsync(string source, string key, TimeSpan most, CancellationToken cancellationToken)
    {
        var turn = _turns[(uint)HashCode.Combine(source, key) % Count];
        return await turn.WaitAsync(most, cancellationToken).ConfigureAwait(false) ? turn : null;
    }
}

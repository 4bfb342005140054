namespace HookGateway.Deliver;

/// <summary>Wakes one loop that waits; several calls while it does not wait are one. Cheap, any thread, also too late.</summary>
/// <param name="isSet">Whether the loop's first wait ends at once.</param>
internal sealed class WakeUp(bool isSet) : IDisposable
{
    private readonly SemaphoreSlim _signal = new(isSet ? 1 : 0, 1);

    public void Set()
    {
        try
        {
            if (_signal.CurrentCount == 0)
                _signal.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // Set by another thread at the same moment, or nobody waits any more.
        }
    }

    public Task WaitAsync(CancellationToken cancellationToken) => _signal.WaitAsync(cancellationToken);

    public void Dispose() => _signal.Dispose();
}

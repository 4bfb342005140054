namespace HookGateway.Store;

/// <summary>Whether the store can be written, and who waits for it. Any thread.</summary>
internal sealed class WritableGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen => _opened.Task.IsCompleted;

    public Task WhenOpenAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _opened.Task.WaitAsync(cancellationToken);
    }

    /// <returns>Whether it was closed.</returns>
    public bool Open()
    {
        lock (_lock)
            return _opened.TrySetResult();
    }

    /// <returns>Whether it was open.</returns>
    public bool Close()
    {
        lock (_lock)
        {
            if (!_opened.Task.IsCompleted)
                return false;

            _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }
}

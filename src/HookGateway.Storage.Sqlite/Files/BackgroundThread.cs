namespace HookGateway.Storage.Sqlite.Files;

/// <summary>
/// Where work runs that takes long or waits for the disk: on a thread of its own. On the pool it would take the place of events: with one
/// CPU the pool has one thread, and adds another after half a second. Work that computes for long gives way meanwhile: <see cref="Pace"/>.
/// </summary>
internal static class BackgroundThread
{
    private const TaskCreationOptions OfItsOwn = TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach;

    /// <summary>Runs something and ends the thread. What it throws is the task's.</summary>
    /// <param name="work">It may block.</param>
    /// <param name="cancellationToken">Keeps it from beginning.</param>
    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(work, cancellationToken, OfItsOwn, TaskScheduler.Default);

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(Action work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(work, cancellationToken, OfItsOwn, TaskScheduler.Default);
}

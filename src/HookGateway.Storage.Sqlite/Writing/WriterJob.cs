using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Something else that has to happen on the writer's thread, between two groups.</summary>
internal abstract class WriterJob
{
    /// <exception cref="SqliteException">It failed; whoever waits for the job has been told.</exception>
    public abstract void Run(StoreSession session);

    public abstract void Fail(StoreException reason);
}

/// <inheritdoc/>
internal sealed class WriterJob<T>(Func<StoreSession, T> work, CancellationToken cancellationToken) : WriterJob
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _done.Task;

    public override void Run(StoreSession session)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _done.TrySetCanceled(cancellationToken);
            return;
        }

        try
        {
            _done.TrySetResult(work(session));
        }
        catch (SqliteException e)
        {
            Fail(new StoreException($"The store cannot do this now: {e.Message}", e));
            throw;
        }
        catch (Exception e)
        {
            _done.TrySetException(e);
        }
    }

    public override void Fail(StoreException reason) => _done.TrySetException(reason);
}

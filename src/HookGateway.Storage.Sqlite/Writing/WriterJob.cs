using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Something else that has to happen on the writer's thread, between two groups.</summary>
internal abstract class WriterJob
{
    /// <exception cref="SqliteException">The store cannot do it now; <see cref="Tell"/> will say so.</exception>
    public abstract void Run(StoreSession session);

    /// <summary>Ends it without having run.</summary>
    public abstract void Fail(StoreException reason);

    /// <summary>Tells whoever waits what came of it.</summary>
    public abstract void Tell();
}

/// <inheritdoc/>
internal sealed class WriterJob<T>(Func<StoreSession, T> work, CancellationToken cancellationToken) : WriterJob
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action? _tell;

    public Task<T> Task => _done.Task;

    public override void Run(StoreSession session)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _tell = () => _done.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            var result = work(session);
            _tell = () => _done.SetResult(result);
        }
        catch (SqliteException e)
        {
            Fail(new StoreException($"The store cannot do this now: {e.Message}", e));
            throw;
        }
        catch (Exception e)
        {
            _tell = () => _done.SetException(e);
        }
    }

    public override void Fail(StoreException reason) => _tell ??= () => _done.SetException(reason);

    public override void Tell() => _tell?.Invoke();
}

using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Opens the file when it is needed, and closes it when what SQLite says of it can no longer be trusted. Writer thread only.</summary>
/// <param name="options">The sizes of the log.</param>
/// <param name="file">The file.</param>
/// <param name="segments">The journal beside it.</param>
/// <param name="memory">What outlives a closing.</param>
/// <param name="time">The clock.</param>
/// <param name="runOnWriter">Has something done on the writer's thread, between two groups.</param>
/// <param name="logger">Told of failed checkpoints.</param>
internal sealed class SessionKeeper(
    SqliteStoreOptions options,
    StoreFile file,
    JournalSegments segments,
    StoreMemory memory,
    TimeProvider time,
    Action<Func<StoreSession, bool>> runOnWriter,
    ILogger logger) : IDisposable
{
    private Checkpointer? _checkpointer;

    /// <summary>The open session; <see langword="null"/> where the file is closed.</summary>
    public StoreSession? Current { get; private set; }

    /// <summary>The open session; opens the file where it is closed.</summary>
    /// <exception cref="SqliteException">It cannot be opened now.</exception>
    public StoreSession Open()
    {
        if (Current is not null)
            return Current;

        var session = StoreSession.Open(file, segments, memory, time.GetUtcNow().ToUnixTimeMilliseconds());
        _checkpointer = new Checkpointer(file, session.Connection, options, () => runOnWriter(FinishCheckpoint), logger);
        return Current = session;
    }

    /// <summary>Closes the file if an error leaves open what is on disk, or what the session holds.</summary>
    public void CloseIfDoubtful(Exception error)
    {
        if (Current is { Groups.IsBroken: true } || (error is SqliteException sqlite && StoreFile.IsDoubtful(sqlite)))
            Close(emptyLog: false);
    }

    /// <summary>Has the log moved into the database file when it has grown; after a commit.</summary>
    public void WatchLog()
    {
        try
        {
            _checkpointer!.AfterCommit();
        }
        catch (SqliteException e)
        {
            StoreLog.CheckpointFailed(logger, e, file.Path);
            CloseIfDoubtful(e);
        }
    }

    public void Close(bool emptyLog)
    {
        if (Current is null)
            return;

        _checkpointer!.Dispose();
        file.CloseReaders();
        try
        {
            if (emptyLog)
            {
                Current.Groups.Commit();
                Checkpointer.Truncate(Current.Connection);
            }
        }
        catch (SqliteException e)
        {
            StoreLog.CheckpointFailed(logger, e, file.Path);
        }

        Current.Dispose();
        Current = null;
    }

    public void Dispose() => Close(emptyLog: true);

    private bool FinishCheckpoint(StoreSession session)
    {
        session.Groups.Commit();
        _checkpointer!.Finish();
        return true;
    }
}

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace HookGateway.Storage.Sqlite.Files;

/// <summary>
/// Keeps the write-ahead log small without holding up the writer: a thread of its own copies the log into the database file
/// while the writer goes on; the writer only does the last bit, between two groups, so that the log is wholly copied at that
/// instant and starts again from its beginning. (Beside a busy writer the log is never wholly copied, and would grow without
/// end.) The log's file is not cut: pages that exist are cheaper to sync than new ones.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    private const int MaxPasses = 6;
    private const int FewFrames = 256;

    private readonly StoreFile _file;
    private readonly SqliteConnection _writer;
    private readonly SqliteStoreOptions _options;
    private readonly Action _askWriterToFinish;
    private readonly ILogger _logger;
    private readonly long _pageSize;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly Lock _oneAtATime = new();
    private volatile bool _stopping;
    private bool _requested;
    private long _framesBefore;
    private long _wantedFrom;
    private long _bound;

    /// <param name="file">The file.</param>
    /// <param name="writer">The writer's connection, only used on the writer's thread.</param>
    /// <param name="options">The sizes to keep.</param>
    /// <param name="askWriterToFinish">Has <see cref="Finish"/> called on the writer's thread, soon.</param>
    /// <param name="logger">Told of failures; none of them loses anything.</param>
    public Checkpointer(StoreFile file, SqliteConnection writer, SqliteStoreOptions options, Action askWriterToFinish, ILogger logger)
    {
        (_file, _writer, _options, _askWriterToFinish, _logger) = (file, writer, options, askWriterToFinish, logger);
        _pageSize = writer.Scalar("PRAGMA page_size");
        (_wantedFrom, _bound) = (options.CheckpointBytes, options.LogBound);
        _framesBefore = WrittenPages();
        _thread = new Thread(Loop) { IsBackground = true, Name = "hookgateway-checkpoint" };
        _thread.Start();
    }

    /// <summary>Moves the whole log into the database file and empties it.</summary>
    /// <exception cref="SqliteException">It could not; the log is still there.</exception>
    public static void Truncate(SqliteConnection connection) => Checkpoint(connection, raw.SQLITE_CHECKPOINT_TRUNCATE);

    /// <summary>Looks at the log's size. Writer thread, between two groups.</summary>
    public void AfterCommit()
    {
        var bytes = LogBytes();
        if (bytes > _bound)
        {
            FinishHere();
        }
        else if (bytes > _wantedFrom && !_requested)
        {
            _requested = true;
            _wanted.Release();
        }
    }

    /// <summary>Copies what is left of the log, so that the next commit starts it anew. Writer thread, between two groups.</summary>
    public void Finish()
    {
        lock (_oneAtATime)
        {
            var (log, copied) = Checkpoint(_writer, raw.SQLITE_CHECKPOINT_PASSIVE);
            _framesBefore = WrittenPages() - (log == copied ? 0 : log);
        }

        // What a reader beside holds stays, and would be tried at every commit: not before there is more to gain.
        var left = LogBytes();
        _wantedFrom = left > _options.CheckpointBytes ? left + (_options.CheckpointBytes / 4) : _options.CheckpointBytes;
        _requested = false;
        _bound = _options.LogBound;
    }

    public void Dispose()
    {
        _stopping = true;
        _wanted.Release();
        _thread.Join();
        _wanted.Dispose();
    }

    private void FinishHere()
    {
        Finish();
        var left = LogBytes();
        if (left <= _options.CheckpointBytes)
            return;

        // A reader of another program holds an old snapshot: trying again at each commit would only slow everything down.
        StoreLog.LogHeldOpen(_logger, _file.Path, left);
        _bound = left + _options.CheckpointBytes;
    }

    private void Loop()
    {
        while (true)
        {
            _wanted.Wait();
            if (_stopping)
                return;

            try
            {
                CopyBesideWriter();
                _askWriterToFinish();
            }
            catch (SqliteException e)
            {
                // Not asked for again before the writer itself has done one at the bound.
                StoreLog.CheckpointFailed(_logger, e, _file.Path);
            }
        }
    }

    private void CopyBesideWriter()
    {
        _options.Checkpointing?.Invoke();
        using var connection = _file.OpenCheckpointer();
        var (before, passes) = (0, 0);
        while (!_stopping && passes++ < MaxPasses)
        {
            int log;
            lock (_oneAtATime)
                (log, _) = Checkpoint(connection, raw.SQLITE_CHECKPOINT_PASSIVE);

            if (log - before < FewFrames)
                return;

            before = log;
        }
    }

    private static (int Log, int Copied) Checkpoint(SqliteConnection connection, int mode)
    {
        var result = raw.sqlite3_wal_checkpoint_v2(connection.Handle!, "main", mode, out var log, out var copied);
        if (result is not raw.SQLITE_OK)
        {
            throw new SqliteException(
                raw.sqlite3_errmsg(connection.Handle!).utf8_to_string(), result & 0xff, raw.sqlite3_extended_errcode(connection.Handle!));
        }

        return (log, copied);
    }

    private long LogBytes() => (WrittenPages() - _framesBefore) * _pageSize;

    private int WrittenPages()
    {
        _ = raw.sqlite3_db_status(_writer.Handle!, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, 0);
        return written;
    }
}

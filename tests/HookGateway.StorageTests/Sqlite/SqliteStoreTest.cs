using HookGateway.Storage.Sqlite;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>The ground of what only a SQLite file promises: an open store whose commits a test can hold up or break.</summary>
public abstract class SqliteStoreTest : StoreConformance
{
    private readonly SqliteEngine _engine;

    protected SqliteStoreTest() : this(new SqliteEngine())
    {
    }

    private SqliteStoreTest(SqliteEngine engine) : base(engine)
    {
        _engine = engine;
        engine.Options = engine.Options with { BeforeCommit = () => BeforeCommit?.Invoke(), AfterCommit = () => AfterCommit?.Invoke() };
    }

    /// <summary>Runs on the writer's thread before every COMMIT.</summary>
    protected Action? BeforeCommit { get; set; }

    /// <summary>Runs on the writer's thread after every COMMIT.</summary>
    protected Action? AfterCommit { get; set; }

    private protected SqliteStoreOptions Options
    {
        get => _engine.Options;
        set => _engine.Options = value;
    }

    protected static SqliteException IoError { get; } = new("disk I/O error", 10, 1034);

    protected SqliteConnection Connect() => SqliteEngine.Connect(Options.Path);

    protected Task<long> OnWriterAsync(string sql) => ((SqliteEventStore)Store).OnWriterAsync(c => SqliteEngine.Scalar(c, sql));

    /// <summary>Lets the disk be full: the database file may not grow.</summary>
    protected Task FillDiskAsync() => OnWriterAsync("PRAGMA max_page_count = 1");

    protected Task FreeDiskAsync() => OnWriterAsync("PRAGMA max_page_count = 1000000");

    /// <summary>Waits until something is so, without counting on how long that takes.</summary>
    protected static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Soon);
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}

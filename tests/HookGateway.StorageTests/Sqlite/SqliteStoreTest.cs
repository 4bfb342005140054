using HookGateway.Storage.Sqlite;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>The ground of what only a SQLite file promises: an open store whose commits a test can hold up or break.</summary>
public abstract class SqliteStoreTest : CoalescingStoreTest
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

    /// <summary>Lets the disk be full: the journal cannot be written.</summary>
    protected void FillDisk() => BeforeCommit = () => throw new IOException("No space left on device");

    protected void FreeDisk() => BeforeCommit = null;

    /// <summary>Copies the database, its log and its journal as they stand: on the writer's thread, as a crash would leave them.</summary>
    /// <returns>The copy's path.</returns>
    protected string CopyFiles()
    {
        var path = Path.Combine(Path.GetDirectoryName(Options.Path)!, "copy", "events.db");
        Directory.CreateDirectory(path + "-events");
        foreach (var file in Directory.GetFiles(Options.Path + "-events", "*.log"))
            File.Copy(file, Path.Combine(path + "-events", Path.GetFileName(file)));

        foreach (var suffix in ((string[])["", "-wal"]).Where(suffix => File.Exists(Options.Path + suffix)))
            File.Copy(Options.Path + suffix, path + suffix);

        return path;
    }

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

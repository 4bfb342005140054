using HookGateway.Store;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HookGateway.Storage.Sqlite.Files;

/// <summary>Opens connections to one database file, and says which errors mean that they must be opened again.</summary>
internal sealed class StoreFile(string path)
{
    private const int PageSize = 16384;

    static StoreFile() => SqliteNative.Configure();

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The writer's connection. Never makes a file where one vanished, unless <paramref name="create"/> says so.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    /// <exception cref="StoreException">It is not a file that this version can use.</exception>
    public SqliteConnection OpenWriter(bool create)
    {
        var connection = Open(create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite, pooled: false);
        try
        {
            StoreSchema.Check(connection);
            connection.Execute($"PRAGMA page_size = {PageSize}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            connection.Execute("PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;");
            StoreSchema.Migrate(connection, StoreSchema.Migrations);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A connection for checkpoints: it may write the database file, and writes nothing else.</summary>
    public SqliteConnection OpenCheckpointer()
    {
        var connection = Open(SqliteOpenMode.ReadWrite, pooled: false);
        connection.Execute("PRAGMA synchronous = FULL;");
        return connection;
    }

    /// <summary>A connection for one short reading; it comes from a pool.</summary>
    public SqliteConnection OpenReader() => Open(SqliteOpenMode.ReadOnly, pooled: true);

    /// <summary>Closes the readers' connections.</summary>
    public void CloseReaders()
    {
        using var any = new SqliteConnection(ConnectionString(SqliteOpenMode.ReadOnly, pooled: true));
        SqliteConnection.ClearPool(any);
    }

    /// <summary>
    /// Whether an error leaves open what is on disk: then nothing that SQLite holds in memory may be trusted, and the file
    /// is closed and opened again. Of the others SQLite promises that the transaction was not written.
    /// </summary>
    public static bool IsDoubtful(SqliteException error) =>
        error.SqliteErrorCode is not (raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_CONSTRAINT);

    /// <summary>Whether the file itself is not as SQLite left it: trying again will not help.</summary>
    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>What an operator can do about an error.</summary>
    public StoreException Explain(SqliteException error) => new(
        error.SqliteErrorCode switch
        {
            raw.SQLITE_NOTADB => $"{Path} is not a SQLite database: move it away, or set storage.path to another file.",
            raw.SQLITE_CORRUPT => $"{Path} is damaged: restore it from a backup (docs/storage.md), or move it away to start empty.",
            raw.SQLITE_FULL => $"No room on the disk of {Path}: free some and start again.",
            raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM =>
                $"{Path} cannot be opened for writing: check who owns the file and its directory.",
            raw.SQLITE_BUSY => $"{Path} is locked by another program (a backup, the sqlite3 shell): end that first.",
            _ => $"{Path} cannot be opened: {error.Message}",
        },
        error);

    private static string ConnectionString(string path, SqliteOpenMode mode, bool pooled) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = pooled }.ToString();

    private string ConnectionString(SqliteOpenMode mode, bool pooled) => ConnectionString(Path, mode, pooled);

    private SqliteConnection Open(SqliteOpenMode mode, bool pooled)
    {
        var connection = new SqliteConnection(ConnectionString(mode, pooled)) { DefaultTimeout = 2 };
        try
        {
            connection.Open();
            _ = raw.sqlite3_busy_timeout(connection.Handle!, 2000);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}

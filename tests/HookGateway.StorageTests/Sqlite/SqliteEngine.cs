using System.Globalization;
using HookGateway.Storage.Sqlite;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>A SQLite file in a directory of its own.</summary>
public sealed class SqliteEngine : StoreEngine
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hookgateway-");

    public SqliteEngine() => Options = new SqliteStoreOptions { Path = Path.Combine(_directory.FullName, "data", "events.db") };

    /// <summary>What the next store is opened with.</summary>
    internal SqliteStoreOptions Options { get; set; }

    public override IEventStore Create(TimeProvider time) => new SqliteEventStore(Options, time, NullLogger<SqliteEventStore>.Instance);

    public override ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A connection of the test's own.</summary>
    internal static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    internal static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(command.ExecuteScalar() ?? 0L, CultureInfo.InvariantCulture);
    }
}

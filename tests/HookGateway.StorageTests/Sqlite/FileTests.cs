using System.Diagnostics;
using HookGateway.Storage.Sqlite;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>Which files are opened, and what is said of the others.</summary>
public sealed class FileTests : SqliteStoreTest
{
    [Fact]
    public async Task Open_HeldByAnotherStore_IsRefused()
    {
        var error = await Assert.ThrowsAsync<StoreException>(() => OpenAnotherAsync(Options.Path));

        Assert.Contains(Options.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
        await AcceptAsync(Request());
    }

    [Fact]
    public async Task Open_HeldByAnotherProcess_IsRefusedUntilThatOneIsKilled()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "Needs flock of util-linux.");
        await Store.DisposeAsync();
        using (var other = Process.Start(new ProcessStartInfo("/usr/bin/flock", ["--no-fork", Options.Path + ".lock", "/bin/sh", "-c", "echo held; exec sleep 60"])
        {
            RedirectStandardOutput = true,
        })!)
        {
            Assert.Equal("held", await other.StandardOutput.ReadLineAsync(Cancel));
            await Assert.ThrowsAsync<StoreException>(() => OpenAnotherAsync(Options.Path));
            other.Kill();
            await other.WaitForExitAsync(Cancel);
        }

        await OpenAsync();
    }

    [Fact]
    public async Task Open_NotADatabase_IsRefusedAndLeftAlone()
    {
        var path = Beside("notes.txt");
        var text = string.Concat(Enumerable.Repeat("This is no database. ", 100));
        await File.WriteAllTextAsync(path, text, Cancel);

        var error = await Assert.ThrowsAsync<StoreException>(() => OpenAnotherAsync(path));

        Assert.Contains("not a SQLite database", error.Message, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(path, Cancel));
    }

    [Fact]
    public async Task Open_SomebodyElsesDatabase_IsRefused()
    {
        var path = Beside("other.db");
        using (var connection = SqliteEngine.Connect(path))
            SqliteEngine.Scalar(connection, "CREATE TABLE accounts(id INTEGER PRIMARY KEY)");

        var error = await Assert.ThrowsAsync<StoreException>(() => OpenAnotherAsync(path));

        Assert.Contains("not one of HookGateway's", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NewerVersion_IsRefused()
    {
        await Store.DisposeAsync();
        using (var connection = Connect())
            SqliteEngine.Scalar(connection, "PRAGMA user_version = 99");

        var error = await Assert.ThrowsAsync<StoreException>(() => OpenAnotherAsync(Options.Path));

        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
        using (var connection = Connect())
            SqliteEngine.Scalar(connection, $"PRAGMA user_version = {StoreSchema.Migrations.Count}");

        await OpenAsync();
    }

    [Fact]
    public async Task Open_DirectoryThatCannotBe_IsRefused()
    {
        await File.WriteAllTextAsync(Beside("file"), "", Cancel);
        var path = Path.Combine(Beside("file"), "events.db");

        var error = await Assert.ThrowsAsync<StoreException>(() => OpenAnotherAsync(path));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("storage.path", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Migrate_OlderFile_TakesOnlyTheStepsItLacks()
    {
        using var connection = SqliteEngine.Connect(Beside("old.db"));
        StoreSchema.Migrate(connection, ["CREATE TABLE a(x); INSERT INTO a VALUES (7)"]);

        StoreSchema.Migrate(connection, ["CREATE TABLE a(x)", "ALTER TABLE a ADD COLUMN y DEFAULT 1", "UPDATE a SET y = x + 1"]);

        Assert.Equal(3, SqliteEngine.Scalar(connection, "PRAGMA user_version"));
        Assert.Equal(8, SqliteEngine.Scalar(connection, "SELECT y FROM a"));
    }

    [Fact]
    public void Migrate_StepFails_LeavesTheFileAsItWas()
    {
        using var connection = SqliteEngine.Connect(Beside("old.db"));
        StoreSchema.Migrate(connection, ["CREATE TABLE a(x)"]);

        Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(
            () => StoreSchema.Migrate(connection, ["", "CREATE TABLE b(x); INSERT INTO missing VALUES (1)"]));

        Assert.Equal(1, SqliteEngine.Scalar(connection, "PRAGMA user_version"));
        Assert.Equal(1, SqliteEngine.Scalar(connection, "SELECT count(*) FROM sqlite_schema"));
    }

    [Fact]
    public async Task Dispose_Clean_LeavesOneWholeFile()
    {
        await AcceptAsync(Request());
        await Store.DisposeAsync();
        File.Delete(Options.Path + "-wal");
        File.Delete(Options.Path + "-shm");

        await OpenAsync();

        Assert.Single((await LeaseAsync()).Deliveries);
    }

    private string Beside(string name) => Path.Combine(Path.GetDirectoryName(Options.Path)!, name);

    private async Task OpenAnotherAsync(string path)
    {
        await using var store = new SqliteEventStore(Options with { Path = path }, Time, NullLogger<SqliteEventStore>.Instance);
        await store.OpenAsync(Cancel);
    }
}

using HookGateway.Storage.Sqlite.Files;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>The named states. Writer thread only.</summary>
internal sealed class StateWriter(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _find = new(connection, "SELECT version, value FROM states WHERE name = ?1");
    private readonly SqliteStatement _add = new(connection, "INSERT OR IGNORE INTO states VALUES (?1, 1, ?2)");

    private readonly SqliteStatement _replace = new(
        connection, "UPDATE states SET version = version + 1, value = ?3 WHERE name = ?1 AND version = ?2");

    public NamedState? Find(string name)
    {
        if (!_find.Bind(1, name).Step())
            return null;

        var found = new NamedState(_find.Int64(0), _find.Blob(1).ToArray());
        _find.Reset();
        return found;
    }

    /// <summary>Writes into the open transaction.</summary>
    /// <returns>The new version; <see langword="null"/> where it was another than <paramref name="version"/>.</returns>
    public long? TrySet(string name, long version, ReadOnlySpan<byte> value)
    {
        var changed = version == 0
            ? _add.Bind(1, name).Bind(2, value).Run()
            : _replace.Bind(1, name).Bind(2, version).Bind(3, value).Run();
        return changed == 0 ? null : version + 1;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_find, _add, _replace])
            statement.Dispose();
    }
}

using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Which destinations are paused. Writer thread only.</summary>
internal sealed class PauseWriter(SqliteConnection connection, NameTable names, EventInserter events) : IDisposable
{
    private readonly SqliteStatement _pause = new(connection, "INSERT OR IGNORE INTO paused VALUES (?1, ?2)");
    private readonly SqliteStatement _resume = new(connection, "DELETE FROM paused WHERE destination = ?1");
    private readonly SqliteStatement _all = new(connection, "SELECT destination, since_ms FROM paused ORDER BY destination");

    /// <summary>Writes into the open transaction. Pausing what is paused keeps the first time.</summary>
    public void Set(string destination, bool paused, long now)
    {
        var id = (long)events.IdOf(NameKind.Destination, destination);
        if (paused)
            _pause.Bind(1, id).Bind(2, now).Run();
        else
            _resume.Bind(1, id).Run();
    }

    public List<PausedDestination> All()
    {
        var paused = new List<PausedDestination>();
        while (_all.Step())
        {
            paused.Add(new PausedDestination(
                names.NameOf(_all.Int32(0)), DateTimeOffset.FromUnixTimeMilliseconds(_all.Int64(1))));
        }

        return paused;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_pause, _resume, _all])
            statement.Dispose();
    }
}

using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Ids rise with the rows, so a row is found by halving, without an index of ids.</summary>
internal static class EventIdSearch
{
    /// <summary>The row of an event; <see langword="null"/> where there is none of that id.</summary>
    public static long? Find(SqliteConnection connection, EventId id)
    {
        using var atOrAfter = Prepare(connection);
        var wanted = EventIdSequence.AsNumber(id);
        if (!atOrAfter.Bind(1, FirstFrom(connection, atOrAfter, wanted)).Step())
            return null;

        var (seq, found) = Read(atOrAfter);
        return found == wanted ? seq : null;
    }

    /// <summary>Where the events that were accepted at or after a time begin; beyond the last row where there are none.</summary>
    public static long FirstAt(SqliteConnection connection, DateTimeOffset time)
    {
        using var atOrAfter = Prepare(connection);
        var milliseconds = Math.Max(0, time.ToUnixTimeMilliseconds());
        return FirstFrom(connection, atOrAfter, (UInt128)milliseconds << 80);
    }

    private static SqliteStatement Prepare(SqliteConnection connection) =>
        new(connection, "SELECT seq, id FROM events WHERE seq >= ?1 ORDER BY seq LIMIT 1");

    private static long FirstFrom(SqliteConnection connection, SqliteStatement atOrAfter, UInt128 wanted)
    {
        var low = connection.Scalar("SELECT coalesce(min(seq), 1) FROM events");
        var end = connection.Scalar("SELECT coalesce(max(seq), 0) FROM events") + 1;
        while (low < end)
        {
            var middle = low + (end - low) / 2;
            atOrAfter.Bind(1, middle).Step();
            var (seq, found) = Read(atOrAfter);
            if (found < wanted)
                low = seq + 1;
            else
                end = middle;
        }

        return low;
    }

    private static (long Seq, UInt128 Id) Read(SqliteStatement row)
    {
        var read = (row.Int64(0), EventIdSequence.AsNumber(new EventId(new Guid(row.Blob(1), bigEndian: true))));
        row.Reset();
        return read;
    }
}

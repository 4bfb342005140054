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
        var (low, end) = Bounds(connection);
        return Find(connection, id, low, end);
    }

    /// <summary>The row of an event, if it is one of those from <paramref name="low"/> on and before <paramref name="end"/>.</summary>
    public static long? Find(SqliteConnection connection, EventId id, long low, long end)
    {
        using var atOrAfter = Prepare(connection);
        var wanted = EventIdSequence.AsNumber(id);
        if (!atOrAfter.Bind(1, FirstFrom(atOrAfter, wanted, low, end)).Step())
            return null;

        var (seq, found) = Read(atOrAfter);
        return found == wanted ? seq : null;
    }

    /// <summary>Where the events that were accepted at or after a time begin; beyond the last row where there are none.</summary>
    public static long FirstAt(SqliteConnection connection, DateTimeOffset time)
    {
        using var atOrAfter = Prepare(connection);
        var milliseconds = Math.Max(0, time.ToUnixTimeMilliseconds());
        var (low, end) = Bounds(connection);
        return FirstFrom(atOrAfter, (UInt128)milliseconds << 80, low, end);
    }

    private static SqliteStatement Prepare(SqliteConnection connection) =>
        new(connection, "SELECT seq, id FROM events WHERE seq >= ?1 ORDER BY seq LIMIT 1");

    private static (long Low, long End) Bounds(SqliteConnection connection) => (
        connection.Scalar("SELECT coalesce(min(seq), 1) FROM events"),
        connection.Scalar("SELECT coalesce(max(seq), 0) FROM events") + 1);

    private static long FirstFrom(SqliteStatement atOrAfter, UInt128 wanted, long low, long end)
    {
        while (low < end)
        {
            var middle = low + (end - low) / 2;
            if (!atOrAfter.Bind(1, middle).Step())
            {
                end = middle;
                continue;
            }

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

using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HookGateway.Load.Peers;

/// <summary>How much of a store there is, while no gateway has it open.</summary>
/// <param name="Bytes">The length of the database file, whose log is empty then, and of its journal as far as it is written.</param>
/// <param name="Events">How many events were ever stored in it.</param>
internal readonly record struct StoreSize(long Bytes, long Events)
{
    // An empty file has some 20 pages of 16 KiB: spread over so many events they are 6 bytes of an event's thousands.
    private const long Enough = 50_000;

    /// <summary>Reads it; nothing where there is no file.</summary>
    /// <exception cref="InvalidOperationException">Its log is still there: it was not closed in order.</exception>
    public static StoreSize Of(string path)
    {
        if (new FileInfo($"{path}-wal") is { Exists: true, Length: > 0 })
            throw new InvalidOperationException($"{path} was not closed in order: part of it is in its log.");

        if (!File.Exists(path))
            return default;

        var (events, journalEnd) = Read(path);
        return new StoreSize(new FileInfo(path).Length + JournalBytes(path, journalEnd), events);
    }

    /// <summary>
    /// By how many bytes the file has grown for each event that came since; <see langword="null"/> below 50,000 events, of which
    /// the file's own pages would be a part worth mentioning.
    /// </summary>
    public double? GrowthPerEvent(StoreSize before)
    {
        var events = Events - before.Events;
        return events >= Enough ? (double)(Bytes - before.Bytes) / events : null;
    }

    // What the file knows, and not what the load was told: events whose answer nobody waited for are stored as well.
    private static (long Events, long JournalEnd) Read(string path)
    {
        var file = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        using var connection = new SqliteConnection(file.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(max(seq), 0), (SELECT journal_at FROM meta) FROM events";
        using var row = command.ExecuteReader();
        row.Read();
        return (row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>All files before the last one, and of that what is written: the rest of it is room for what comes.</summary>
    private static long JournalBytes(string path, long end)
    {
        var (last, offset) = (end >> 32, end & uint.MaxValue);
        return offset + new DirectoryInfo($"{path}-events").EnumerateFiles("*.log")
            .Where(file => long.Parse(Path.GetFileNameWithoutExtension(file.Name), CultureInfo.InvariantCulture) < last)
            .Sum(file => file.Length);
    }
}

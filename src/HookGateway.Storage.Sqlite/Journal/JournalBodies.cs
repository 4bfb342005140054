using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>Reads events' bodies: each is the end of its event's record. It keeps the last file open. Not thread-safe.</summary>
internal sealed class JournalBodies(JournalSegments segments) : IDisposable
{
    private SafeFileHandle? _file;
    private int _segment;

    /// <param name="place">Where the record begins.</param>
    /// <param name="bytes">How long the body is.</param>
    /// <exception cref="SqliteException">The record is not what was written: damage, as the database's own.</exception>
    public byte[] Read(JournalPlace place, int bytes)
    {
        try
        {
            var record = JournalRecord.Read(FileOf(place.Segment), place);
            if (record is not null && record.Length >= bytes)
                return record[^bytes..];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
        }
        catch (IOException e)
        {
            throw new SqliteException($"{segments.PathOf(place.Segment)} cannot be read: {e.Message}", raw.SQLITE_IOERR);
        }

        throw new SqliteException($"{segments.PathOf(place.Segment)} is missing, or damaged at byte {place.Offset}", raw.SQLITE_CORRUPT);
    }

    public void Dispose() => _file?.Dispose();

    private SafeFileHandle FileOf(int segment)
    {
        if (_file is not null && segment == _segment)
            return _file;

        _file?.Dispose();
        _file = null;
        _file = segments.Open(segment);
        _segment = segment;
        return _file;
    }
}

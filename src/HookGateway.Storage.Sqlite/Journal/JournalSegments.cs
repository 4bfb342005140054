using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>The journal's files: <c>DATABASE-events/0000000001.log</c> and so on. Any thread.</summary>
internal sealed class JournalSegments(string database)
{
    /// <summary>The size of a page of the system's memory, and at least of what a disk writes at once.</summary>
    public const int PageBytes = 4096;

    /// <summary>So much is written at once when a file is made: the disk is not kept from the groups for longer.</summary>
    private const int ZeroBytes = 256 * 1024;

    /// <summary>Where a journal begins.</summary>
    public static readonly JournalPlace First = new(1, 0);

    private string Directory { get; } = database + "-events";

    /// <summary>Whether there is a journal with anything in it.</summary>
    public bool HoldsAny =>
        System.IO.Directory.Exists(Directory)
        && System.IO.Directory.EnumerateFiles(Directory, "*.log").Any(file => file != PathOf(1) || ReadFrom(First).Any());

    public string PathOf(int segment) => Path.Combine(Directory, segment.ToString("D10", CultureInfo.InvariantCulture) + ".log");

    public bool Exists(int segment) => File.Exists(PathOf(segment));

    /// <exception cref="IOException">It cannot be opened, or is not there.</exception>
    public SafeFileHandle Open(int segment, FileAccess access = FileAccess.Read) =>
        File.OpenHandle(PathOf(segment), FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>
    /// Makes a file and writes it full of zeros: syncing what is written over blocks that exist costs half of what it costs
    /// where the file grows. Under another name first, so that a file that exists is whole.
    /// </summary>
    /// <exception cref="IOException">It cannot: no room, for one. Nothing is left.</exception>
    public void Create(int segment, long bytes)
    {
        System.IO.Directory.CreateDirectory(Directory);
        var unfinished = PathOf(segment) + ".new";
        try
        {
            using (var file = File.OpenHandle(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, preallocationSize: bytes))
            {
                WriteZeros(unfinished, file, bytes);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(unfinished, PathOf(segment), overwrite: false);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }

        try
        {
            SyncNames();
        }
        catch
        {
            File.Delete(PathOf(segment));
            throw;
        }
    }

    /// <summary>
    /// Has everything from a place on be on the disk, the files' names too: an earlier process may have been ended between a
    /// write and its sync, and what is read then is not there yet after a power cut.
    /// </summary>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public void Sync(JournalPlace from)
    {
        for (var segment = from.Segment; Exists(segment); segment++)
        {
            using var file = Open(segment, FileAccess.ReadWrite);
            DiskSync.Data(file);
        }

        if (System.IO.Directory.Exists(Directory))
            SyncNames();
    }

    public long LengthOf(int segment) => new FileInfo(PathOf(segment)).Length;

    /// <summary>Deletes a file, where it is there.</summary>
    public void Delete(int segment) => File.Delete(PathOf(segment));

    /// <summary>
    /// Every record from a place on, to the first that is not whole: a write that a crash cut off, or the end.
    /// </summary>
    public IEnumerable<(JournalPlace Place, byte[] Payload)> ReadFrom(JournalPlace place)
    {
        for (; Exists(place.Segment); place = new JournalPlace(place.Segment + 1, 0))
        {
            using var file = Open(place.Segment);
            while (JournalRecord.Read(file, place) is { } payload)
            {
                yield return (place, payload);
                place = place.After(JournalRecord.HeaderBytes + payload.Length);
            }
        }
    }

    /// <summary>The end of the page that a place in a file is in.</summary>
    public static long ToPage(long offset) => (offset + PageBytes - 1) / PageBytes * PageBytes;

    // Past the system's memory where the disk can: nobody reads what is written here, and copying it costs a third as much as
    // writing what comes there in its place.
    private static void WriteZeros(string path, SafeFileHandle buffered, long bytes)
    {
        using var direct = DiskSync.TryOpenDirect(path);

        // A direct write takes whole pages.
        var room = GC.AllocateArray<byte>(ZeroBytes + PageBytes, pinned: true);
        var zeros = room.AsSpan((int)(-Marshal.UnsafeAddrOfPinnedArrayElement(room, 0) & (PageBytes - 1)), ZeroBytes);
        for (var at = 0L; at < bytes; at += ZeroBytes)
        {
            RandomAccess.Write(direct ?? buffered, zeros[..(int)Math.Min(ZeroBytes, bytes - at)], at);
            if (direct is null)
                DiskSync.Data(buffered);
        }
    }

    private void SyncNames()
    {
        DiskSync.Directory(Directory);
        DiskSync.Directory(Path.GetDirectoryName(Directory)!);
    }
}

using HookGateway.Storage.Sqlite.Files;
using Microsoft.Win32.SafeHandles;

namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>
/// Appends a group of records with one write and one sync, between which its caller has time. A file is never cut or grown; the next one is made ahead, beside
/// the writer, each twice as large as the one before. Writer thread only.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    private const long LeastBytes = 1024 * 1024;
    private const long MostBytes = 64 * LeastBytes;

    private static readonly byte[] Zeros = new byte[JournalSegments.PageBytes];
    private static readonly byte[] End = Zeros[..JournalRecord.HeaderBytes];

    private readonly JournalSegments _segments;
    private readonly Action<SafeFileHandle> _sync;
    private readonly MemoryStream _group = new();
    private readonly BinaryWriter _payload;
    private readonly List<int> _starts = [];
    private SafeFileHandle _file;
    private long _length;
    private int _bytes;
    private Task? _next;

    /// <param name="segments">The files.</param>
    /// <param name="end">Where the last whole record ends.</param>
    /// <param name="sync">For tests: what syncs a group. Default <see cref="DiskSync.Data"/>.</param>
    /// <exception cref="IOException">The file cannot be opened, or made where there is none yet.</exception>
    public JournalWriter(JournalSegments segments, JournalPlace end, Action<SafeFileHandle>? sync = null)
    {
        (_segments, _payload, _sync) = (segments, new BinaryWriter(_group), sync ?? DiskSync.Data);
        if (!segments.Exists(end.Segment))
            segments.Create(end.Segment, LeastBytes);

        At = end;
        _file = segments.Open(end.Segment, FileAccess.ReadWrite);
        _length = RandomAccess.GetLength(_file);
    }

    /// <summary>Where the next group will begin, unless it does not fit into the file.</summary>
    public JournalPlace At { get; private set; }

    /// <summary>Begins a group; what an earlier one left that was not written is forgotten.</summary>
    public void Begin()
    {
        _group.SetLength(0);
        _starts.Clear();
    }

    /// <summary>Begins a record: its payload is written next.</summary>
    /// <returns>How far from the group's beginning it is.</returns>
    public int BeginRecord(out BinaryWriter payload)
    {
        var start = (int)_group.Position;
        _starts.Add(start);
        _group.Write(End);
        payload = _payload;
        return start;
    }

    /// <summary>Writes the group, and has the disk begin with it.</summary>
    /// <returns>Where it begins.</returns>
    /// <exception cref="IOException">It is not there, or nobody knows: <see cref="Discard"/> it.</exception>
    public JournalPlace Append()
    {
        _bytes = (int)_group.Position;
        _group.Write(End);
        if (At.Offset + _group.Position > _length)
            Switch(_group.Position);

        var group = _group.GetBuffer().AsSpan(0, _bytes);
        for (var i = 0; i < _starts.Count; i++)
        {
            var end = i + 1 < _starts.Count ? _starts[i + 1] : _bytes;
            JournalRecord.WriteHeader(group[_starts[i]..end], At.After(_starts[i]));
        }

        PadToPage();
        RandomAccess.Write(_file, _group.GetBuffer().AsSpan(0, (int)_group.Position), At.Offset);
        DiskSync.Begin(_file, At.Offset, _group.Position);
        return At;
    }

    /// <summary>Returns when the group that was appended is on the disk; the next one goes behind it.</summary>
    /// <exception cref="IOException">Nobody knows whether it is: <see cref="Discard"/> it.</exception>
    public void Sync()
    {
        _sync(_file);
        At = At.After(_bytes);
        if (At.Offset > _length / 2)
            PrepareNext(At.Segment + 1);
    }

    /// <summary>
    /// Gives up a group that was not synced; the next one is written over it. The system goes on showing it although the disk may
    /// not have it, and a redo in between would take it for stored. That this is not synced either does not matter: after a crash
    /// the disk itself is read.
    /// </summary>
    public void Discard()
    {
        try
        {
            if (At.Offset + End.Length <= _length)
                RandomAccess.Write(_file, End, At.Offset);
        }
        catch (IOException)
        {
        }
    }

    public void Dispose()
    {
        _next?.ContinueWith(static made => _ = made.Exception, TaskScheduler.Default).Wait();
        _file.Dispose();
        _payload.Dispose();
    }

    /// <summary>Zeros to the end of a page: a page that is not in memory is written whole, and need not be read before.</summary>
    private void PadToPage()
    {
        var end = Math.Min(_length, JournalSegments.ToPage(At.Offset + _group.Position));
        _group.Write(Zeros.AsSpan(0, (int)(end - At.Offset - _group.Position)));
    }

    // It waits for the disk all the time.
    private void PrepareNext(int segment) =>
        _next ??= BackgroundThread.RunAsync(() => MakeNext(segment, LeastBytes), CancellationToken.None);

    private void MakeNext(int segment, long bytes)
    {
        if (_segments.Exists(segment) && _segments.LengthOf(segment) < bytes)
            _segments.Delete(segment);

        if (!_segments.Exists(segment))
            _segments.Create(segment, Math.Max(JournalSegments.ToPage(bytes), Math.Min(2 * _length, MostBytes)));
    }

    private void Switch(long bytes)
    {
        // What a group that failed may have left here was told to nobody, and must not be found before what comes next.
        if (At.Offset + End.Length <= _length)
        {
            RandomAccess.Write(_file, End, At.Offset);
            DiskSync.Data(_file);
        }

        var (prepared, segment) = (_next, At.Segment + 1);
        _next = null;
        prepared?.ContinueWith(static made => _ = made.Exception, TaskScheduler.Default).Wait();
        MakeNext(segment, bytes);
        var file = _segments.Open(segment, FileAccess.ReadWrite);
        _file.Dispose();
        (_file, _length, At) = (file, RandomAccess.GetLength(file), new JournalPlace(segment, 0));
    }
}

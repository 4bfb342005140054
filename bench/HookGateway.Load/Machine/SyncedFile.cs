using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HookGateway.Load.Machine;

/// <summary>
/// A file that is written round and round, each time with a sync of its data (<c>fdatasync</c>). It is written once in full at first,
/// so that a sync is of data only, and is gone with this object.
/// </summary>
internal sealed partial class SyncedFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly long _length;
    private long _end;

    /// <summary>Makes it.</summary>
    /// <param name="path">A file that is not there.</param>
    /// <param name="length">Its bytes.</param>
    public SyncedFile(string path, int length)
    {
        _length = length;
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, FileOptions.DeleteOnClose);
        RandomAccess.Write(_file, new byte[length], 0);
        RandomAccess.FlushToDisk(_file);
    }

    /// <summary>Returns when all of <paramref name="parts"/> is on the disk. For one thread at a time.</summary>
    /// <param name="parts">What is written next, one after the other; together no longer than the file.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var bytes = parts.Sum(part => (long)part.Length);
        if (_end + bytes > _length)
            _end = 0;
        RandomAccess.Write(_file, parts, _end);
        if (SyncData(_file) != 0)
            throw new IOException($"fdatasync failed: error {Marshal.GetLastPInvokeError()}.");
        _end += bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncData(SafeFileHandle file);
}

using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>What .NET does not offer of syncing: data without the file's times, and directories.</summary>
internal static partial class DiskSync
{
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const uint WriteOut = 2;

    /// <summary>Returns when what was written to a file is on the disk. On Linux its times need not be (fdatasync).</summary>
    /// <exception cref="IOException">The disk did not take it: nobody knows what is there.</exception>
    public static void Data(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        if (fdatasync(file) != 0)
            throw Failure("fdatasync");
    }

    /// <summary>Has the disk begin with a part of a file; it is not there before <see cref="Data"/> returns, which then waits for less.</summary>
    public static void Begin(SafeFileHandle file, long offset, long bytes)
    {
        // Where it fails, the sync will say so.
        if (OperatingSystem.IsLinux())
            _ = sync_file_range(file, offset, bytes, WriteOut);
    }

    /// <summary>
    /// Opens a file for writes of whole pages past the system's memory; <see langword="null"/> where the system or the disk cannot.
    /// </summary>
    public static SafeFileHandle? TryOpenDirect(string path)
    {
        // O_DIRECT, which is not the same number everywhere.
        var direct = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 or Architecture.X86 => 0x4000,
            Architecture.Arm64 => 0x10000,
            _ => 0,
        };
        if (!OperatingSystem.IsLinux() || direct == 0)
            return null;

        var file = open(path, WriteOnly | direct);
        return file < 0 ? null : new SafeFileHandle(file, ownsHandle: true);
    }

    /// <summary>Returns when the names of the files in a directory are on the disk. Only Unix can, and needs it.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void Directory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;

        var directory = open(path, ReadOnly);
        if (directory < 0)
            throw Failure("open");

        var result = fsync(directory);
        var failure = Failure("fsync");
        _ = close(directory);
        if (result != 0)
            throw failure;
    }

    private static IOException Failure(string call)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call}: {new Win32Exception(error).Message}", error);
    }

#pragma warning disable IDE1006, SA1300 // The C library's own names.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sync_file_range(SafeFileHandle file, long offset, long bytes, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int file);
#pragma warning restore IDE1006, SA1300
}

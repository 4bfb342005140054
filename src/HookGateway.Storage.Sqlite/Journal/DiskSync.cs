using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>What .NET does not offer of syncing: data without the file's times, and directories.</summary>
internal static partial class DiskSync
{
    private const int ReadOnly = 0;

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
    private static partial int fsync(int file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int file);
#pragma warning restore IDE1006, SA1300
}

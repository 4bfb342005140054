using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HookGateway.Load.Machine;

/// <summary>
/// Writes 4 KiB and syncs them (<c>fdatasync</c>), fifty times a second, beside what is measured: it tells the disk's stalls
/// from the gateway's.
/// </summary>
internal sealed partial class SyncProbe : IAsyncDisposable
{
    private const int BlockBytes = 4096;
    private const int Blocks = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Stretch> _syncs = [];
    private readonly Task _running;

    private SyncProbe(string path) => _running = Task.Factory.StartNew(
        () => Run(path), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Starts one on a file of its own in <paramref name="directory"/>.</summary>
    public static SyncProbe Start(string directory) => new(Path.Combine(directory, $"probe-{Guid.NewGuid():n}"));

    /// <summary>Ends it and removes its file.</summary>
    /// <returns>When each sync began and how long it took.</returns>
    public async Task<IReadOnlyList<Stretch>> StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        return _syncs;
    }

    private void Run(string path)
    {
        var block = new byte[BlockBytes];
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose);
        RandomAccess.Write(file, new byte[BlockBytes * Blocks], 0);
        RandomAccess.FlushToDisk(file);
        for (var number = 0L; !_stop.Token.WaitHandle.WaitOne(Pause); number++)
        {
            var began = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, block, number % Blocks * BlockBytes);
            if (SyncData(file) != 0)
                throw new IOException($"fdatasync failed: error {Marshal.GetLastPInvokeError()}.");
            _syncs.Add(new Stretch(began, Stopwatch.GetTimestamp()));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncData(SafeFileHandle file);
}

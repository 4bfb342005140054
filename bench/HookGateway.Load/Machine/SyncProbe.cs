using System.Diagnostics;

namespace HookGateway.Load.Machine;

/// <summary>
/// Writes 4 KiB and syncs them (<c>fdatasync</c>), fifty times a second, beside what is measured: it tells the disk's stalls
/// from the gateway's.
/// </summary>
internal sealed class SyncProbe : IAsyncDisposable
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
        var block = new ReadOnlyMemory<byte>[] { new byte[BlockBytes] };
        using var file = new SyncedFile(path, BlockBytes * Blocks);
        while (!_stop.Token.WaitHandle.WaitOne(Pause))
        {
            var began = Stopwatch.GetTimestamp();
            file.Write(block);
            _syncs.Add(new Stretch(began, Stopwatch.GetTimestamp()));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}

using HookGateway.Load.Machine;

namespace HookGateway.Load.Peers;

/// <summary>Keeps bodies by as little as that takes: a thread writes what has come and syncs once for all of it.</summary>
internal sealed class SyncedLog : IDisposable
{
    private const int Bytes = 64 << 20;

    // Both under the lock of the first.
    private readonly List<Entry> _waiting = [];
    private bool _isEnding;

    private readonly Thread _writer;

    /// <summary>Starts one on a file of its own in <paramref name="directory"/>.</summary>
    public SyncedLog(string directory)
    {
        var file = new SyncedFile(Path.Combine(directory, $"log-{Guid.NewGuid():n}"), Bytes);
        _writer = new Thread(() => Write(file)) { IsBackground = true };
        _writer.Start();
    }

    /// <summary>Ends when <paramref name="body"/> is on the disk; whoever waits goes on on the thread that writes.</summary>
    public Task AppendAsync(ReadOnlyMemory<byte> body)
    {
        var entry = new Entry(body, new TaskCompletionSource());
        lock (_waiting)
        {
            _waiting.Add(entry);
            if (_waiting.Count == 1)
                Monitor.Pulse(_waiting);
        }

        return entry.Kept.Task;
    }

    /// <summary>Writes what has come, and ends.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _isEnding = true;
            Monitor.Pulse(_waiting);
        }

        _writer.Join();
    }

    private void Write(SyncedFile file)
    {
        using var closing = file;
        var group = new List<Entry>();
        while (TakeAll(group))
        {
            file.Write([.. group.Select(entry => entry.Body)]);
            foreach (var entry in group)
                entry.Kept.SetResult();
        }
    }

    private bool TakeAll(List<Entry> group)
    {
        group.Clear();
        lock (_waiting)
        {
            while (_waiting.Count == 0 && !_isEnding)
                Monitor.Wait(_waiting);
            group.AddRange(_waiting);
            _waiting.Clear();
            return group.Count > 0;
        }
    }

    private readonly record struct Entry(ReadOnlyMemory<byte> Body, TaskCompletionSource Kept);
}

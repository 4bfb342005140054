namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// Which deliveries this process holds. Changed by the writer thread; looked into by readers as well, hence the lock.
/// </summary>
internal sealed class LeaseTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Held> _held = [];

    private readonly record struct Held(int Attempts, bool Fresh);

    /// <summary>Takes a delivery.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="attempts">How many attempts had been settled then: tells this lease from a later one of the same row.</param>
    /// <param name="fresh">Whether its row says nothing of a due time, because it was leased in the commit that made it.</param>
    public void Add(long row, int attempts, bool fresh)
    {
        lock (_lock)
            _held[row] = new Held(attempts, fresh);
    }

    /// <summary>A fresh one whose row has got a due time.</summary>
    public void Demote(long row)
    {
        lock (_lock)
        {
            if (_held.TryGetValue(row, out var held))
                _held[row] = held with { Fresh = false };
        }
    }

    public void Remove(long row)
    {
        lock (_lock)
            _held.Remove(row);
    }

    public bool Contains(long row)
    {
        lock (_lock)
            return _held.ContainsKey(row);
    }

    /// <summary>Whether the lease that was taken after so many attempts is the one that holds.</summary>
    public bool Contains(long row, int attempts)
    {
        lock (_lock)
            return _held.TryGetValue(row, out var held) && held.Attempts == attempts;
    }

    public bool IsFresh(long row)
    {
        lock (_lock)
            return _held.TryGetValue(row, out var held) && held.Fresh;
    }

    /// <summary>The rows that the table of due ones does not show.</summary>
    public List<long> Fresh()
    {
        lock (_lock)
            return [.. _held.Where(h => h.Value.Fresh).Select(h => h.Key)];
    }
}

namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// Which deliveries this process holds. Changed by the writer thread; looked into by readers as well, hence the lock.
/// </summary>
internal sealed class LeaseTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, bool> _fresh = [];

    /// <summary>Takes a delivery.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="fresh">Whether its row says nothing of a due time, because it was leased in the commit that made it.</param>
    public void Add(long row, bool fresh)
    {
        lock (_lock)
            _fresh[row] = fresh;
    }

    public void Remove(long row)
    {
        lock (_lock)
            _fresh.Remove(row);
    }

    public bool Contains(long row)
    {
        lock (_lock)
            return _fresh.ContainsKey(row);
    }

    public bool IsFresh(long row)
    {
        lock (_lock)
            return _fresh.TryGetValue(row, out var fresh) && fresh;
    }

    /// <summary>The rows that the table of due ones does not show.</summary>
    public List<long> Fresh()
    {
        lock (_lock)
            return [.. _fresh.Where(l => l.Value).Select(l => l.Key)];
    }
}

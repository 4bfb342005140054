namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// The deliveries that were leased in the commit that made them, oldest first: no index on disk knows them, so after a crash
/// they are found by reading the table from the oldest one on. This tells where that is, and which have been fresh for so
/// long that they go into the index, lest that reading grow. Writer thread only.
/// </summary>
internal sealed class FreshRows(LeaseTable leases)
{
    /// <summary>How long a delivery may stay out of the index.</summary>
    public const long MaxAgeMilliseconds = 30_000;

    private readonly Queue<(long Row, long SinceMilliseconds)> _rows = new();

    public void Add(long row, long now) => _rows.Enqueue((row, now));

    /// <summary>The oldest fresh row; <see langword="null"/> where there is none.</summary>
    public long? Oldest()
    {
        while (_rows.TryPeek(out var first) && !leases.IsFresh(first.Row))
            _rows.Dequeue();

        return _rows.TryPeek(out var oldest) ? oldest.Row : null;
    }

    /// <summary>The rows that have been fresh for too long.</summary>
    public IEnumerable<long> Overdue(long now) => _rows
        .TakeWhile(r => now - r.SinceMilliseconds > MaxAgeMilliseconds)
        .Where(r => leases.IsFresh(r.Row))
        .Select(r => r.Row);
}

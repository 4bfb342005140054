namespace HookGateway.Deliver;

/// <summary>
/// The bytes of bodies and kept headers that all lanes may hold together: what does not fit stays in the store. So memory is bounded by the
/// lanes, whatever the backlog and the size of its bodies. A lane holds an eighth of what it leaves free at most: so one whose
/// destination does not take its events leaves the others eight ninths, and each further one as much of what is left.
/// </summary>
internal sealed class LaneMemory(long limit)
{
    private const int Share = 8;

    private long _held;

    /// <summary>Takes some where the lane may.</summary>
    /// <param name="bytes">How many more.</param>
    /// <param name="own">How many the lane has already; one that has none may take all that is free.</param>
    public bool TryTake(long bytes, long own)
    {
        var free = limit - Interlocked.Add(ref _held, bytes);
        if (free >= (own == 0 ? 0 : Share * (own + bytes)))
            return true;

        Interlocked.Add(ref _held, -bytes);
        return false;
    }

    /// <summary>What is leased already is taken, room or not: a lane that holds nothing must be able to hold one.</summary>
    public void Take(long bytes) => Interlocked.Add(ref _held, bytes);

    /// <summary>Gives back, and says whether it was scarce before: then other lanes may have waited for it.</summary>
    public bool Give(long bytes) => Interlocked.Add(ref _held, -bytes) + bytes > limit - (limit / 8);

    /// <summary>How many more a lane may take that has <paramref name="own"/> already.</summary>
    public long RoomFor(long own) => Math.Max(0, limit - Volatile.Read(ref _held) - (Share * own)) / (Share + 1);
}

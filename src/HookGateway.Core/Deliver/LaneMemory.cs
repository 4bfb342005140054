namespace HookGateway.Deliver;

/// <summary>
/// The bytes of bodies and kept headers that all lanes may hold together: what does not fit stays in the store. So memory is bounded by the
/// lanes, whatever the backlog and the size of its bodies.
/// </summary>
internal sealed class LaneMemory(long limit)
{
    private long _held;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= limit)
            return true;

        Interlocked.Add(ref _held, -bytes);
        return false;
    }

    /// <summary>What is leased already is taken, room or not: a lane that holds nothing must be able to hold one.</summary>
    public void Take(long bytes) => Interlocked.Add(ref _held, bytes);

    /// <summary>Gives back, and says whether it was scarce before: then other lanes may have waited for it.</summary>
    public bool Give(long bytes) => Interlocked.Add(ref _held, -bytes) + bytes > limit - (limit / 8);

    public long Free => Math.Max(0, limit - Volatile.Read(ref _held));
}

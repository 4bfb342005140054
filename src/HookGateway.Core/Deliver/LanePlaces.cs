using HookGateway.Store;

namespace HookGateway.Deliver;

/// <summary>
/// What a lane holds and may hold, and what it knows to wait for it in the store. A place is taken from the reservation until
/// the settlement is written, so what could not be settled yet counts too. Not safe for several threads: <see cref="Lane"/>
/// holds its lock.
/// </summary>
/// <param name="destination">Whose lane it is.</param>
/// <param name="places">How many deliveries it may hold.</param>
/// <param name="memory">Shared by all lanes.</param>
/// <param name="bulk">Whether it is for what bulk replays made, or for all else.</param>
internal sealed class LanePlaces(string destination, int places, LaneMemory memory, bool bulk)
{
    // One lease must keep neither the store nor whoever waits for it long.
    private const int MostLeased = 256;

    private int _held;
    private long _bytes;
    private bool _backlog;
    private DateTimeOffset? _nextDue;

    // The feeder asked, and there was something to lease, now or later, but no room for it.
    private bool _isHeldBack;

    /// <summary>Takes a place where one is free. Not while a backlog waits: it was there first.</summary>
    public bool TryTake(int bytes)
    {
        if (_backlog || _held >= places || !memory.TryTake(bytes, _bytes))
            return false;

        _held++;
        _bytes += bytes;
        return true;
    }

    /// <summary>Takes a place for what is leased already.</summary>
    public void Take(int bytes)
    {
        _held++;
        _bytes += bytes;
        memory.Take(bytes);
    }

    /// <summary>Gives a place back, and says whether somebody may have waited for it.</summary>
    public bool Give(int bytes)
    {
        _held--;
        _bytes -= bytes;
        if (!memory.Give(bytes) && !((_backlog || _isHeldBack) && MayLease))
            return false;

        _isHeldBack = false;
        return true;
    }

    /// <summary>Something is due that is leased to nobody.</summary>
    public void MarkBacklog() => _backlog = true;

    /// <summary>Something is due at <paramref name="due"/>; says whether that is earlier than what was known.</summary>
    public bool MarkDue(DateTimeOffset due)
    {
        if (_nextDue <= due)
            return false;

        _nextDue = due;
        return true;
    }

    /// <summary>What to lease now, if anything. From here on, what is marked counts anew.</summary>
    public LeaseRequest? WantsLease(DateTimeOffset now)
    {
        if (!(_backlog || _nextDue <= now) || !CheckRoom())
            return null;

        _backlog = false;
        _nextDue = null;
        return new LeaseRequest(destination, Math.Min(MostLeased, places - _held), memory.RoomFor(_bytes), bulk);
    }

    /// <summary>When there will be something to lease that is not due yet; <see langword="null"/>: not before it is marked.</summary>
    public DateTimeOffset? WantsLeaseAt() => _nextDue is not null && CheckRoom() ? _nextDue : null;

    // A lane asks for more only when a quarter of it is free: small leases cost as much as large ones.
    private bool HasRoom => places - _held >= places / 4;

    // Every lane may hold one delivery, however scarce memory is.
    private bool MayLease => HasRoom && (_held == 0 || memory.RoomFor(_bytes) > 0);

    /// <summary>Whether it may lease; where not, whoever gives a place back learns that somebody waits for it.</summary>
    private bool CheckRoom()
    {
        _isHeldBack = !MayLease;
        return !_isHeldBack;
    }
}

namespace HookGateway.Events;

/// <summary>Where an event stands, as its deliveries say: the worst of them counts.</summary>
public enum EventState
{
    /// <summary>Stored; something of it is still to be attempted for the first time.</summary>
    Accepted = 0,

    /// <summary>Waits to be joined with others of its key, where the source coalesces.</summary>
    Held = 1,

    /// <summary>No route named it, and it was never replayed.</summary>
    Unrouted = 2,

    /// <summary>Every route that names it turned it away, and it was never replayed.</summary>
    Filtered = 3,

    /// <summary>Every delivery was made.</summary>
    Delivered = 4,

    /// <summary>At least one delivery failed and will be tried again; none is dead.</summary>
    Failing = 5,

    /// <summary>At least one delivery was given up.</summary>
    Dead = 6,

    /// <summary>Another event went out in its place.</summary>
    Superseded = 7,
}

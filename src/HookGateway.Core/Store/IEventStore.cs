using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>
/// The port to a storage engine. Every engine keeps the same promises, held by one conformance suite
/// (<c>tests/HookGateway.StorageTests</c>):
/// <list type="bullet">
/// <item>what <see cref="AcceptAsync"/> reports as accepted is durable, together with its dedupe mark and every delivery it owes;</item>
/// <item>a delivery is leased to one holder at a time, and comes back by itself when the holder dies;</item>
/// <item><see cref="DeliveryState.Delivered"/> is final;</item>
/// <item>of the ordered deliveries of one destination, source and key only the first that has not ended is ever due or leased;</item>
/// <item>a held event is released or superseded in a commit that was decided against all that was held by then.</item>
/// </list>
/// Times are whole milliseconds. Members may be called from any thread, at the same time.
/// </summary>
public interface IEventStore : IBulkReplayStore, ICoalescingStore, IStateStore, IAsyncDisposable
{
    /// <summary>Opens the store, migrates it, and makes due again what an earlier process left leased.</summary>
    /// <exception cref="StoreException">It cannot be opened: in use by another process, from a newer version, damaged.
    /// The message says what to do.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores the event, its dedupe mark and its deliveries in one commit, and completes only after that commit. It is not
    /// cancellable: what happened to the event must be known. A failure to store is a result, not an exception.
    /// </summary>
    ValueTask<AcceptResult> AcceptAsync(AcceptRequest request);

    /// <summary>
    /// Leases deliveries that are due, the longest due first, for as many destinations as asked, in one call.
    /// </summary>
    /// <returns>One result a request, in the order of the requests.</returns>
    /// <exception cref="StoreException">The store cannot be read now; nothing was leased.</exception>
    ValueTask<IReadOnlyList<LeaseResult>> LeaseAsync(IReadOnlyList<LeaseRequest> requests, CancellationToken cancellationToken);

    /// <summary>
    /// Writes what came of a delivery. Returns at once; the store batches settlements, tries again what could not be written
    /// for as long as it is open, and calls <see cref="Settlement.Written"/> after the commit that holds it.
    /// </summary>
    void Settle(Settlement settlement);

    /// <summary>
    /// Whether the store could write when it last tried. While it is <see langword="false"/> nothing may be sent: its outcome
    /// could not be recorded, and it would be sent again.
    /// </summary>
    bool IsWritable { get; }

    /// <summary>What else is to be said of it, as it was last looked at.</summary>
    StoreCondition Condition => StoreCondition.Sound;

    /// <summary>What several gateways of one store tell one another; <see langword="null"/> where one process has it for itself.</summary>
    ISharedDestinations? SharedDestinations => null;

    /// <summary>Completes when <see cref="IsWritable"/> is <see langword="true"/>; at once where it is already.</summary>
    Task WhenWritableAsync(CancellationToken cancellationToken);

    /// <summary>How many deliveries are owed and not ended, a destination, and since when: for gauges.</summary>
    ValueTask<IReadOnlyList<PendingDeliveries>> PendingAsync(CancellationToken cancellationToken);

    /// <summary>
    /// One event with its deliveries and every attempt; <see langword="null"/> where there is none of that id.
    /// </summary>
    ValueTask<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken);

    /// <summary>
    /// Some events, the newest first. One call looks at a bounded number of events, so it may find few or none and still say
    /// where to go on.
    /// </summary>
    /// <param name="filter">Which.</param>
    /// <param name="cursor">From an earlier page; <see langword="null"/> begins with the newest.</param>
    /// <param name="limit">At most so many; 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The cursor is not one of this store's.</exception>
    ValueTask<EventPage> ListAsync(EventFilter filter, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The events of a source that have a key, with their bodies, the oldest first: whoever asks learns what was accepted. One call
    /// looks at a bounded number of events and bytes, so it may find few or none and still say where to go on.
    /// </summary>
    /// <param name="source">The source's name.</param>
    /// <param name="from">The earliest time of acceptance, as the ids tell it.</param>
    /// <param name="until">The time of acceptance before which they all are.</param>
    /// <param name="cursor">From an earlier page; <see langword="null"/> begins with the oldest.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    /// <exception cref="ArgumentException">The cursor is not one of this store's.</exception>
    ValueTask<KeyedEventPage> ReadKeyedAsync(
        string source, DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken cancellationToken);

    /// <summary>
    /// Owes deliveries of a stored event again, in one commit, and completes after it. It passes dedupe by. The event's id
    /// stays what it was; attempts already made stay on record.
    /// </summary>
    /// <exception cref="StoreException">The store cannot be written now; nothing was changed, or nobody knows.</exception>
    Task<ReplayResult> ReplayAsync(ReplayRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Lets go on what waits behind a dead delivery to one of these destinations, in small steps that hold up no accept: for
    /// destinations whose dead deliveries are not to block any more. The dead ones stay dead.
    /// </summary>
    /// <exception cref="StoreException">The store cannot be written now; what was released stays so.</exception>
    Task ReleaseBlockedAsync(IReadOnlyCollection<string> destinations, CancellationToken cancellationToken);

    /// <summary>Keeps whether a destination is paused, beyond this process; completes after the commit.</summary>
    /// <exception cref="StoreException">The store cannot be written now.</exception>
    Task SetPausedAsync(string destination, bool paused, CancellationToken cancellationToken);

    /// <summary>The destinations that are paused; those that are no longer configured as well.</summary>
    ValueTask<IReadOnlyList<PausedDestination>> PausedAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Compares what the commits counted with what is there, at one instant. It reads everything that is stored, beside the
    /// writer: minutes where millions of events are kept.
    /// </summary>
    Task<AuditReport> AuditAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Deletes what is older than the limits and owes nothing, and bodies where the engine can, in small steps that hold up no accept.
    /// </summary>
    /// <returns>How many events were deleted.</returns>
    Task<long> RetainAsync(RetentionLimits limits, CancellationToken cancellationToken);
}

/// <summary>The store cannot do what was asked; the message says what an operator can do about it.</summary>
public sealed class StoreException : Exception
{
    /// <summary>With what to do.</summary>
    public StoreException(string message) : base(message)
    {
    }

    /// <summary>With what to do and the engine's own error.</summary>
    public StoreException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Without details; for serializers.</summary>
    public StoreException()
    {
    }

    /// <summary>Whether it is enough to wait: what the store lies in cannot be reached, or does not serve yet.</summary>
    public bool IsAway { get; init; }
}

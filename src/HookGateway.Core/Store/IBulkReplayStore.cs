namespace HookGateway.Store;

/// <summary>
/// The part of the port that bulk replays need. One goes along the stored events, the oldest first, from where it stands to
/// the event that was the newest when it began, and comes to each once: its place, and the deliveries made on the way there,
/// are in the same commit. So it goes on after a crash where it stood, and makes nothing twice.
/// </summary>
public interface IBulkReplayStore
{
    /// <summary>Keeps a bulk replay to be run; completes after the commit. Makes nothing yet.</summary>
    /// <exception cref="StoreException">The store cannot be written now.</exception>
    Task<BulkReplay> BeginBulkReplayAsync(BulkReplayRequest request, CancellationToken cancellationToken);

    /// <summary>One bulk replay; <see langword="null"/> where there is none of that number.</summary>
    ValueTask<BulkReplay?> FindBulkReplayAsync(long id, CancellationToken cancellationToken);

    /// <summary>The bulk replays, the newest first. Beyond a thousand, those that owe nothing any more are forgotten.</summary>
    ValueTask<IReadOnlyList<BulkReplay>> ListBulkReplaysAsync(CancellationToken cancellationToken);

    /// <summary>
    /// What a bulk replay comes to next. One call looks at a bounded number of events and bytes.
    /// </summary>
    /// <param name="id">Which replay.</param>
    /// <param name="limit">At most so many events; 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns><see langword="null"/> where it is not running.</returns>
    ValueTask<BulkReplayPage?> ReadBulkReplayAsync(long id, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Makes deliveries and moves the replay on, in one commit, and completes after it. A step that would hold up accepts is
    /// made in part: the replay then stands behind the last event dealt with, and the next page begins there.
    /// </summary>
    /// <returns>The replay as it stands after the commit; <see langword="null"/> where there is none of that number.</returns>
    /// <exception cref="StoreException">The store cannot be written now; nothing was changed, or nobody knows: read it again.</exception>
    Task<BulkReplay?> StepBulkReplayAsync(BulkReplayStep taken, CancellationToken cancellationToken);

    /// <summary>Ends a running one before its end, as cancelled or failed; one that has ended stays as it is.</summary>
    /// <param name="id">Which.</param>
    /// <param name="failure">Why it failed; <see langword="null"/>: somebody cancels it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The replay after the commit; <see langword="null"/> where there is none of that number.</returns>
    /// <exception cref="StoreException">The store cannot be written now.</exception>
    Task<BulkReplay?> EndBulkReplayAsync(long id, string? failure, CancellationToken cancellationToken);
}

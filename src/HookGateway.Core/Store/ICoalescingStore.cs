using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>
/// The part of the port that sources need which coalesce or reconcile, beside <see cref="AcceptRequest.Coalesce"/>. Each key has a
/// state; whoever changes it says which version of it he has read, and is refused where it is another by then.
/// </summary>
public interface ICoalescingStore
{
    /// <summary>One key; <see langword="null"/> where nothing is known of it.</summary>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    ValueTask<CoalescedKey?> FindCoalescedAsync(string source, string key, CancellationToken cancellationToken);

    /// <summary>Which keys are due to have something released.</summary>
    /// <param name="dueBy">Those due by then.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="notOf">Not those of these sources.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    ValueTask<HeldKeys> ListHeldAsync(
        DateTimeOffset dueBy, int limit, IReadOnlyCollection<string> notOf, CancellationToken cancellationToken);

    /// <summary>Does a step without an event that came; completes after the commit.</summary>
    /// <returns>The event that went out, with its id; <see langword="null"/>, and nothing changed, where the key is another by now.</returns>
    /// <exception cref="StoreException">The store cannot be written now; nothing was changed, or nobody knows: read the key again.</exception>
    Task<WebhookEvent?> ReleaseHeldAsync(CoalesceStep taken, CancellationToken cancellationToken);
}

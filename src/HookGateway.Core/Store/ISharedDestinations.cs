namespace HookGateway.Store;

/// <summary>
/// The part of the port through which all gateways of one store treat a destination as one gateway would. An engine has it where more
/// than one process can open the store.
/// </summary>
public interface ISharedDestinations
{
    /// <summary>
    /// Tells which breakers are open at this gateway, in place of what it told before, and learns what holds for all. Of several gateways
    /// whose breaker is open it is the first one's. What a gateway told lapses when it is not heard of for 5 seconds, but not before the
    /// destination was to be tried again.
    /// </summary>
    /// <exception cref="StoreException">The store cannot tell now.</exception>
    ValueTask<DestinationStates> ExchangeAsync(IReadOnlyCollection<OpenBreaker> openHere, CancellationToken cancellationToken);

    /// <summary>Takes tokens out of the one bucket that a destination has for all gateways, which is full at first.</summary>
    /// <param name="destination">Whose; one that was never heard of is a new one.</param>
    /// <param name="bucket">As it is to be filled.</param>
    /// <param name="most">At most so many; 1 at least.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StoreException">The store cannot tell now; none was taken, or nobody knows.</exception>
    ValueTask<TokenGrant> TakeTokensAsync(string destination, TokenBucket bucket, int most, CancellationToken cancellationToken);
}

/// <summary>A destination that is left alone for a while.</summary>
/// <param name="Destination">Its name.</param>
/// <param name="Remaining">How long until it is tried; zero while that is done.</param>
public readonly record struct OpenBreaker(string Destination, TimeSpan Remaining);

/// <summary>What holds of destinations at all gateways.</summary>
/// <param name="Paused">Those that an operator paused.</param>
/// <param name="OpenElsewhere">Those that another gateway leaves alone, and will try.</param>
public sealed record DestinationStates(IReadOnlyCollection<string> Paused, IReadOnlyList<OpenBreaker> OpenElsewhere);

/// <summary>A token bucket.</summary>
/// <param name="Interval">How often a token comes; more than zero.</param>
/// <param name="Saved">How many it holds on top of one.</param>
public readonly record struct TokenBucket(TimeSpan Interval, int Saved);

/// <summary>What was taken out of a token bucket.</summary>
/// <param name="Tokens">How many.</param>
/// <param name="Wait">Where there was none: how long until there will be; else zero.</param>
public readonly record struct TokenGrant(int Tokens, TimeSpan Wait);

using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// The access tokens of one destination or API, one after the other: each is asked for once, however many attempts wait for it, and
/// used until shortly before it expires or is dropped. Where gateways share a cache, by all of them. Any thread.
/// </summary>
internal sealed class AccessTokens
{
    /// <summary>A downstream that refuses every token makes no more than one request for another in this time.</summary>
    internal static readonly TimeSpan BetweenDrops = TimeSpan.FromSeconds(10);

    // The token itself says when it ends; this is for the cache, which would otherwise keep what nobody asks for any more.
    private static readonly HybridCacheEntryOptions Kept = new()
    {
        Expiration = TokenAnswer.LongestLife,
        Flags = HybridCacheEntryFlags.DisableDistributedCache,
    };

    private readonly Lock _lock = new();
    private readonly Func<CancellationToken, ValueTask<AccessToken>> _request;
    private readonly HybridCache _cache;
    private readonly SharedToken? _shared;
    private readonly TimeProvider _time;
    private readonly string _key;
    private long? _droppedAt;
    private volatile string? _refused;
    private int _generation;

    /// <param name="owner">Who they are for, as nobody else in the cache: <c>oauth2:jira</c>.</param>
    /// <param name="issuedFor">Everything that decides what is issued, secrets too: whoever changes any of it gets another token.</param>
    /// <param name="request">Asks for a token; throws <see cref="AccessTokenException"/> where there is none.</param>
    /// <param name="cache">Where they are kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isShared">Whether other gateways share that cache.</param>
    public AccessTokens(
        string owner, IEnumerable<string> issuedFor, Func<CancellationToken, ValueTask<AccessToken>> request, HybridCache cache,
        TimeProvider time, bool isShared = false)
    {
        var issued = Joined(issuedFor);
        _request = request;
        _cache = cache;
        _time = time;
        _shared = isShared ? new SharedToken(owner, issued, cache, time) : null;
        _key = $"{owner}:{Fingerprint(issued)}";
    }

    /// <summary>A token that has not expired.</summary>
    /// <exception cref="AccessTokenException">There is none to be had.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async ValueTask<AccessToken> GetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // An expired one is not replaced under its key but left behind: of all who find it expired, one goes on to the
            // next key, and those who come a moment later find what it put there.
            var generation = Volatile.Read(ref _generation);
            var token = await _cache.GetOrCreateAsync(
                KeyOf(generation), this, static (tokens, cancel) => tokens.FetchAsync(cancel), Kept,
                cancellationToken: cancellationToken).ConfigureAwait(false);

            if (_time.GetUtcNow() < token.RefreshAt)
                return token with { Generation = generation };

            await LeaveAsync(generation).ConfigureAwait(false);
        }
    }

    /// <summary>A token was refused: the next one is another.</summary>
    /// <returns>Whether it is: not where one was dropped a moment ago, for then the token is hardly the reason.</returns>
    public async ValueTask<bool> TryDropAsync(AccessToken token)
    {
        lock (_lock)
        {
            // Of all who were refused at once with the same token the first drops it; for the others it is gone.
            if (token.Generation != Volatile.Read(ref _generation))
                return true;

            if (_droppedAt is { } dropped && _time.GetElapsedTime(dropped) < BetweenDrops)
                return false;

            _droppedAt = _time.GetTimestamp();
            _refused = token.Value;
            if (!TryLeave(token.Generation))
                return true;
        }

        await _cache.RemoveAsync(KeyOf(token.Generation)).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<AccessToken> FetchAsync(CancellationToken cancellationToken)
    {
        if (_shared is null)
            return await _request(cancellationToken).ConfigureAwait(false);

        var found = await _shared.FindAsync(cancellationToken).ConfigureAwait(false);
        if (found is not null && found.Value != _refused && _time.GetUtcNow() < found.RefreshAt)
            return found;

        var token = await _request(cancellationToken).ConfigureAwait(false);
        await _shared.KeepAsync(token, cancellationToken).ConfigureAwait(false);
        return token;
    }

    private async ValueTask LeaveAsync(int generation)
    {
        if (TryLeave(generation))
            await _cache.RemoveAsync(KeyOf(generation)).ConfigureAwait(false);
    }

    private bool TryLeave(int generation) =>
        Interlocked.CompareExchange(ref _generation, generation + 1, generation) == generation;

    private string KeyOf(int generation) => $"{_key}:{generation}";

    // Whoever changes any of it, the secret above all, must not get what was issued for the old.
    private static string Fingerprint(string issuedFor) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(issuedFor)));

    private static string Joined(IEnumerable<string> parts) => string.Concat(parts.Select(part => $"{part.Length}:{part}"));
}

using System.Security.Cryptography;
using System.Text;
using HookGateway.Configuration;
using Microsoft.Extensions.Caching.Hybrid;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// The access tokens of one destination, one after the other: each is asked for once, however many attempts wait for it, and
/// used until shortly before it expires or is dropped. Any thread.
/// </summary>
internal sealed class AccessTokens
{
    /// <summary>A downstream that refuses every token makes no more than one request for another in this time.</summary>
    internal static readonly TimeSpan BetweenDrops = TimeSpan.FromSeconds(10);

    // The token itself says when it ends; this is for the cache, which would otherwise keep what nobody asks for any more.
    private static readonly HybridCacheEntryOptions Kept = new() { Expiration = TokenEndpoint.LongestLife };

    private readonly Lock _lock = new();
    private readonly TokenEndpoint _endpoint;
    private readonly HybridCache _cache;
    private readonly TimeProvider _time;
    private readonly string _key;
    private long? _droppedAt;
    private int _generation;

    public AccessTokens(string destination, AuthConfiguration.OAuth2 oauth2, TokenEndpoint endpoint, HybridCache cache, TimeProvider time)
    {
        _endpoint = endpoint;
        _cache = cache;
        _time = time;
        _key = $"oauth2:{destination}:{Fingerprint(oauth2)}";
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
                KeyOf(generation), _endpoint, static (endpoint, cancel) => endpoint.RequestAsync(cancel), Kept,
                cancellationToken: cancellationToken).ConfigureAwait(false);

            if (_time.GetUtcNow() < token.RefreshAt)
                return token with { Generation = generation };

            await LeaveAsync(generation).ConfigureAwait(false);
        }
    }

    /// <summary>The destination refused a token: the next one is another.</summary>
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
            if (!TryLeave(token.Generation))
                return true;
        }

        await _cache.RemoveAsync(KeyOf(token.Generation)).ConfigureAwait(false);
        return true;
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
    private static string Fingerprint(AuthConfiguration.OAuth2 oauth2)
    {
        string[] parts =
        [
            oauth2.TokenUrl.AbsoluteUri, oauth2.ClientId, oauth2.ClientSecret, oauth2.SecretInBody ? "body" : "basic",
            .. oauth2.Parameters.SelectMany(parameter => new[] { parameter.Key, parameter.Value }),
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part.Length}:{part}")))));
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// The newest access token of one owner, where all gateways find it. It lies there sealed by what it was issued for: whoever does not
/// know the client's secret can neither read nor change it.
/// </summary>
internal sealed class SharedToken
{
    // The place and the seal would let a weak secret be guessed as fast as a hash is made; this makes a guess some ten milliseconds long.
    private const int Rounds = 100_000;
    private const int KeyBytes = 32;
    private const int TimeBytes = 8;

    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagBytes = AesGcm.TagByteSizes.MaxSize;

    private static readonly HybridCacheEntryOptions Found = new()
    {
        Flags = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableUnderlyingData | HybridCacheEntryFlags.DisableDistributedCacheWrite,
    };

    private readonly HybridCache _cache;
    private readonly TimeProvider _time;
    private readonly Lazy<(string Place, byte[] Key)> _secret;

    /// <param name="owner">Who it is for, as nobody else in the cache.</param>
    /// <param name="issuedFor">Everything that decides what is issued, secrets too, in one text.</param>
    /// <param name="cache">What it is kept with; only its shared part is used.</param>
    /// <param name="time">The clock.</param>
    public SharedToken(string owner, string issuedFor, HybridCache cache, TimeProvider time)
    {
        _cache = cache;
        _time = time;
        _secret = new(() => Derive(owner, issuedFor));
    }

    /// <summary>What a gateway left there; <see langword="null"/> where there is none, or nobody can be asked.</summary>
    public async ValueTask<AccessToken?> FindAsync(CancellationToken cancellationToken)
    {
        var sealedToken = await _cache.GetOrCreateAsync<byte[]?>(
            _secret.Value.Place, static _ => new((byte[]?)null), Found, cancellationToken: cancellationToken).ConfigureAwait(false);
        return sealedToken is null ? null : Open(sealedToken);
    }

    /// <summary>Leaves a token there until it is to be refreshed.</summary>
    public async ValueTask KeepAsync(AccessToken token, CancellationToken cancellationToken)
    {
        var life = token.RefreshAt - _time.GetUtcNow();
        if (life <= TimeSpan.Zero)
            return;

        var kept = new HybridCacheEntryOptions { Expiration = life, Flags = HybridCacheEntryFlags.DisableLocalCache };
        await _cache.SetAsync(_secret.Value.Place, Seal(token), kept, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private static (string Place, byte[] Key) Derive(string owner, string issuedFor)
    {
        var derived = Rfc2898DeriveBytes.Pbkdf2(
            issuedFor, Encoding.UTF8.GetBytes($"hookgateway token {owner}"), Rounds, HashAlgorithmName.SHA256, 2 * KeyBytes);
        return ($"{owner}:{Convert.ToHexStringLower(derived.AsSpan(KeyBytes))}", derived[..KeyBytes]);
    }

    private byte[] Seal(AccessToken token)
    {
        var (place, key) = _secret.Value;
        var plain = new byte[TimeBytes + Encoding.UTF8.GetByteCount(token.Value)];
        BinaryPrimitives.WriteInt64BigEndian(plain, token.RefreshAt.ToUnixTimeMilliseconds());
        Encoding.UTF8.GetBytes(token.Value, plain.AsSpan(TimeBytes));

        var result = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(
            result.AsSpan(0, NonceBytes), plain, result.AsSpan(NonceBytes + TagBytes), result.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(place));
        return result;
    }

    private AccessToken? Open(byte[] sealedToken)
    {
        if (sealedToken.Length < NonceBytes + TagBytes + TimeBytes)
            return null;

        var (place, key) = _secret.Value;
        var plain = new byte[sealedToken.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(
                sealedToken.AsSpan(0, NonceBytes), sealedToken.AsSpan(NonceBytes + TagBytes), sealedToken.AsSpan(NonceBytes, TagBytes), plain,
                Encoding.UTF8.GetBytes(place));
        }
        catch (AuthenticationTagMismatchException)
        {
            // Not ours, or changed: as good as none.
            return null;
        }

        return new AccessToken(
            Encoding.UTF8.GetString(plain.AsSpan(TimeBytes)), DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(plain)));
    }
}

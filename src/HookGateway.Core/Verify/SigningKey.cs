using System.Security.Cryptography;
using HookGateway.Configuration;
using Microsoft.Extensions.ObjectPool;

namespace HookGateway.Verify;

/// <summary>
/// One secret, ready to sign. Its hashes are used again: making one costs a third of a whole verification, and garbage.
/// </summary>
internal sealed class SigningKey(SignatureHash hash, byte[] key)
{
    /// <summary>The longest digest there is, in bytes.</summary>
    public const int MaxDigestLength = 64;

    private readonly DefaultObjectPool<IncrementalHash> _hashes = new(new Policy(NameOf(hash), key));

    /// <summary>Writes the digest of the content to the front of <paramref name="digest"/>.</summary>
    public void Sign(SignedContent content, in SignedParts parts, Span<byte> digest)
    {
        // Not returned where something throws: it would carry half a request into the next signature.
        var hash = _hashes.Get();
        content.AppendTo(hash, parts);
        hash.GetHashAndReset(digest);
        _hashes.Return(hash);
    }

    public static int DigestLength(SignatureHash hash) => hash switch
    {
        SignatureHash.Sha256 => SHA256.HashSizeInBytes,
        SignatureHash.Sha384 => SHA384.HashSizeInBytes,
        SignatureHash.Sha512 => SHA512.HashSizeInBytes,
        SignatureHash.Sha1 => SHA1.HashSizeInBytes,
        _ => throw new ArgumentOutOfRangeException(nameof(hash)),
    };

    private static HashAlgorithmName NameOf(SignatureHash hash) => hash switch
    {
        SignatureHash.Sha256 => HashAlgorithmName.SHA256,
        SignatureHash.Sha384 => HashAlgorithmName.SHA384,
        SignatureHash.Sha512 => HashAlgorithmName.SHA512,
        SignatureHash.Sha1 => HashAlgorithmName.SHA1,
        _ => throw new ArgumentOutOfRangeException(nameof(hash)),
    };

    private sealed class Policy(HashAlgorithmName name, byte[] key) : PooledObjectPolicy<IncrementalHash>
    {
        public override IncrementalHash Create() => IncrementalHash.CreateHMAC(name, key);

        public override bool Return(IncrementalHash obj) => true;
    }
}

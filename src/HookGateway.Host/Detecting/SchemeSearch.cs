using System.Security.Cryptography;
using HookGateway.Configuration;
using HookGateway.Verify;

namespace HookGateway.Host.Detecting;

/// <summary>What is tried in a search: every combination of these.</summary>
internal sealed record SearchSpace
{
    /// <summary>Where signatures may stand.</summary>
    public required IReadOnlyList<SignaturePlace> Places { get; init; }

    /// <summary>What keys there may be.</summary>
    public required IReadOnlyList<SecretReading> Secrets { get; init; }

    /// <summary>What body may have been signed.</summary>
    public required IReadOnlyList<BodyReading> Bodies { get; init; }

    /// <summary>What may be a timestamp with a place of its own.</summary>
    public required IReadOnlyList<FieldPlace> Timestamps { get; init; }

    /// <summary>What may be an id.</summary>
    public required IReadOnlyList<FieldPlace> Ids { get; init; }

    /// <summary>The URLs, and for each the path that is signed in its place.</summary>
    public required IReadOnlyList<(Uri Url, string Path)> Addresses { get; init; }
}

/// <summary>A combination that makes a signature of the request.</summary>
internal sealed record SchemeMatch(
    SignaturePlace Place, SecretReading Secret, BodyReading Body, HashAlgorithmName Hash, string Content, FieldPlace? Timestamp,
    FieldPlace? Id, Uri Url)
{
    /// <summary>The timestamp that is signed, wherever it stands.</summary>
    public string? SignedTimestamp => Timestamp?.Value ?? Place.Timestamp;
}

/// <summary>Tries combinations, the simplest content first. Bounded by their number and by the bytes that are hashed.</summary>
internal sealed class SchemeSearch(string method)
{
    /// <summary>How many combinations are tried, in all searches of one request.</summary>
    public const int MaxTries = 40_000;

    /// <summary>How many bytes are hashed, in all searches of one request: some seconds' worth.</summary>
    public const long MaxHashedBytes = 2L * 1024 * 1024 * 1024;

    private const int MaxMatches = 12;

    private static readonly FieldPlace?[] Nothing = [null];

    private long _hashedBytes;

    /// <summary>How many combinations were tried so far.</summary>
    public int Tried { get; private set; }

    /// <summary>Whether a bound ended it.</summary>
    public bool IsExhausted => Tried >= MaxTries || _hashedBytes >= MaxHashedBytes;

    /// <summary>The hash whose digests are of this length.</summary>
    public static HashAlgorithmName HashOf(int digestLength) => digestLength switch
    {
        16 => HashAlgorithmName.MD5,
        20 => HashAlgorithmName.SHA1,
        32 => HashAlgorithmName.SHA256,
        48 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };

    /// <summary>What makes a signature of the request: up to a dozen, the simplest first, SHA-1 last.</summary>
    public List<SchemeMatch> Find(SearchSpace space)
    {
        var matches = new List<SchemeMatch>();
        var lengths = space.Places.Select(place => place.Digest.Length).Distinct().ToList();
        foreach (var (text, content) in ContentTemplates.All)
        {
            foreach (var length in lengths)
            {
                foreach (var secret in space.Secrets)
                {
                    using var hash = IncrementalHash.CreateHMAC(HashOf(length), secret.Key);
                    foreach (var body in space.Bodies)
                        Try(space, text, content, length, secret, body, hash, matches);
                }
            }

            if (IsExhausted || matches.Count >= MaxMatches)
                break;
        }

        return [.. matches.OrderBy(match => match.Hash == HashAlgorithmName.SHA1)];
    }

    private void Try(
        SearchSpace space, string text, SignedContent content, int length, SecretReading secret, BodyReading body,
        IncrementalHash hash, List<SchemeMatch> matches)
    {
        var usesAddress = content.UsesUrl || text.Contains("{path}", StringComparison.Ordinal);
        var addresses = usesAddress ? space.Addresses : space.Addresses.Take(1);
        foreach (var address in addresses)
        {
            foreach (var id in content.UsesId ? (IEnumerable<FieldPlace?>)space.Ids : Nothing)
            {
                foreach (var (field, timestamp) in content.UsesTimestamp ? Timestamps(space, length) : [(null, null)])
                {
                    if (IsExhausted)
                        return;
                    var digest = Digest(hash, content, body, timestamp, id, address);
                    var found = space.Places.Where(place => place.Digest.AsSpan().SequenceEqual(digest)
                        && (timestamp is null ? IsPlainest(place, space) : place.Timestamp == (field is null ? timestamp : null)));
                    matches.AddRange(found.Select(place =>
                        new SchemeMatch(place, secret, body, HashOf(length), text, field, id, address.Url)));
                }
            }
        }
    }

    // A timestamp beside the signature is left out of the layout where it is not signed, if the layout can do without.
    private static bool IsPlainest(SignaturePlace place, SearchSpace space) => place.Timestamp is null
        || !space.Places.Any(other => other.Timestamp is null && other.Name == place.Name && other.Digest.AsSpan().SequenceEqual(place.Digest));

    // Those with a place of their own, and those that stand beside a signature.
    private static IEnumerable<(FieldPlace? Field, string? Value)> Timestamps(SearchSpace space, int length) =>
        space.Timestamps.Select(field => ((FieldPlace?)field, (string?)field.Value)).Concat(
            space.Places.Where(place => place.Timestamp is not null && place.Digest.Length == length)
                .Select(place => place.Timestamp).Distinct().Select(value => ((FieldPlace?)null, value)));

    private byte[] Digest(
        IncrementalHash hash, SignedContent content, BodyReading body, string? timestamp, FieldPlace? id, (Uri Url, string Path) address)
    {
        Tried++;
        _hashedBytes += body.Bytes.Length;
        content.AppendTo(hash, new SignedParts
        {
            Body = body.Bytes,
            Timestamp = timestamp,
            Id = id?.Value,
            Method = method,
            Url = address.Url.OriginalString,
            Path = address.Path,
        });
        return hash.GetHashAndReset();
    }
}

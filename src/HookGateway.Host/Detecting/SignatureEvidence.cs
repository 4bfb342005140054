using System.Text;
using HookGateway.Configuration.Reading;

namespace HookGateway.Host.Detecting;

/// <summary>What a request shows where no scheme was found: names and lengths, never values.</summary>
internal sealed class SignatureEvidence(CapturedRequest request, string secret, IReadOnlyList<SignaturePlace> places)
{
    private const int MostNames = 40;
    private const string Unsigned = "nothing is signed, and verify, which checks signatures, cannot express it.";

    private static readonly string[] SignatureWords = ["sign", "hmac", "hash", "digest", "token", "auth", "hub"];

    // Ed25519 and ECDSA P-256 as plain numbers; RSA of 1024 to 4096 bits.
    private static readonly int[] AsymmetricLengths = [64, 128, 256, 384, 512];

    /// <summary>Where the secret itself stands in the request.</summary>
    public IEnumerable<string> SharedTokens()
    {
        foreach (var (name, value) in Values())
        {
            var kind = value == secret ? "the secret itself, a shared token"
                : value.Equals($"Bearer {secret}", StringComparison.OrdinalIgnoreCase) ? "the secret as a bearer token"
                : IsBasic(value) ? "the secret as basic authentication"
                : null;
            if (kind is not null)
                yield return $"{name} holds {kind}: {Unsigned} Restrict the source with 'allow', or let a proxy check the token.";
        }

        foreach (var parameter in request.Query.Where(parameter => parameter.Value.Contains(secret)))
            yield return $"The query's {parameter.Key} holds the secret itself: {Unsigned}";
    }

    /// <summary>What the headers look like.</summary>
    /// <param name="isExplained">Whether the reason is known already: then only what is certain is said.</param>
    public IEnumerable<string> OfHeaders(bool isExplained)
    {
        foreach (var (name, value) in Values())
        {
            if (AsymmetricLength(value) is { } length)
            {
                yield return $"{name} holds {length} bytes: as long as"
                    + (length == 64 ? " an Ed25519 signature (or an HMAC-SHA512)." : " an RSA signature.")
                    + " A signature made with a private key is checked with a public one, not with a secret.";
            }
        }

        if (isExplained)
            yield break;

        // An id of 16 bytes is no signature because it is as long as an MD5.
        var likely = places.Where(place => place.Digest.Length > 16 || IsSignatureName(place.Name)).ToList();
        if (likely.Count == 0)
        {
            yield return request.Headers.Count == 0
                ? "No header looks like a signature: the capture has no headers."
                : $"No header looks like a signature. Seen: {Names()}.";
            yield break;
        }

        foreach (var place in likely.DistinctBy(place => place.Name))
        {
            var hash = SchemeSearch.HashOf(place.Digest.Length).Name;
            yield return $"{(place.InQuery ? "The query's " : "")}{place.Name} looks like a signature"
                + $" ({place.Digest.Length} bytes, as {hash} gives), but nothing that was tried makes it with this secret.";
        }

        yield return "Either the secret is another (of another subscription, or rotated), or the body is not what was sent,"
            + " or the sender signs something else: ask it for its scheme.";
    }

    private IEnumerable<(string Name, string Value)> Values() =>
        from header in request.Headers
        where Kinds.IsHeaderName(header.Key) && !FieldPlace.IsCommon(header.Key)
        from value in header.Value
        where value is { Length: > 0 }
        select (header.Key, value);

    private string Names() => string.Join(", ", request.Headers.Keys.Where(Kinds.IsHeaderName).Take(MostNames));

    private bool IsBasic(string value)
    {
        const string Scheme = "Basic ";
        if (!value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value[Scheme.Length..].Trim(), bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length) is var pair
            && (pair == secret || pair.EndsWith($":{secret}", StringComparison.Ordinal));
    }

    private static bool IsSignatureName(string name) =>
        SignatureWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static int? AsymmetricLength(string value)
    {
        var word = value[(value.LastIndexOfAny([' ', ',', ';', ':']) + 1)..].Trim('"');
        word = word.StartsWith("sig", StringComparison.OrdinalIgnoreCase) ? word[(word.IndexOf('=') + 1)..] : word;
        var length = word.Length % 2 == 0 && word.Length > 0 && word.All(char.IsAsciiHexDigit) ? word.Length / 2
            : Convert.TryFromBase64String(word, new byte[word.Length], out var written) ? written
            : 0;
        return AsymmetricLengths.Contains(length) ? length : null;
    }
}

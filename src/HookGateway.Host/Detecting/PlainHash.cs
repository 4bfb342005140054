using System.Security.Cryptography;
using System.Text;

namespace HookGateway.Host.Detecting;

/// <summary>Homemade signatures: a hash without a key, over the body and perhaps the secret.</summary>
internal static class PlainHash
{
    /// <summary>What of this makes a signature of the request, a sentence each.</summary>
    public static IEnumerable<string> Find(byte[] body, string secret, IEnumerable<SignaturePlace> places)
    {
        var text = Encoding.UTF8.GetBytes(secret);
        (string What, byte[][] Parts)[] contents =
            [("the body alone, which proves nothing", [body]), ("secret and body", [text, body]), ("body and secret", [body, text])];
        foreach (var place in places)
        {
            foreach (var (what, parts) in contents)
            {
                using var hash = IncrementalHash.CreateHash(SchemeSearch.HashOf(place.Digest.Length));
                foreach (var part in parts)
                    hash.AppendData(part);
                if (hash.GetHashAndReset().AsSpan().SequenceEqual(place.Digest))
                    yield return $"{place.Name} is a plain hash of {what}, no HMAC: verify cannot express it.";
            }
        }
    }
}

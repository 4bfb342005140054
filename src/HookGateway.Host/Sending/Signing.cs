using System.Security.Cryptography;
using System.Text;
using HookGateway.Configuration;

namespace HookGateway.Host.Sending;

/// <summary>
/// Where <c>send</c> and <c>demo</c> get a sender's signature from. TO CONNECT: the one body below becomes a call of
/// Verify's RequestSigner.Sign; until then it knows the plain scheme only (the body, no timestamp).
/// </summary>
internal static class Signing
{
    /// <summary>The headers that prove a request to come from <paramref name="source"/>.</summary>
    /// <param name="source">The sender to speak for; its first secret signs.</param>
    /// <param name="method">Upper case.</param>
    /// <param name="url">Whole, as the gateway will see it.</param>
    /// <param name="body">Byte for byte as it will be sent.</param>
    /// <param name="time">What a timestamp in the signature says.</param>
    /// <param name="id">The sender's id, where the scheme signs one; <see langword="null"/>: a new one.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Headers(
        SourceConfiguration source, string method, Uri url, byte[] body, DateTimeOffset time, string? id)
    {
        if (source.Verify is not VerifyConfiguration.Hmac hmac)
            return [];
        var digest = HMACSHA256.HashData(Encoding.UTF8.GetBytes(source.Secrets[0]), body);
        var signature = hmac.Encoding == TextEncoding.Hex ? Convert.ToHexStringLower(digest) : Convert.ToBase64String(digest);
        return [new(hmac.Header, hmac.Format.Replace("{signature}", signature, StringComparison.Ordinal))];
    }
}

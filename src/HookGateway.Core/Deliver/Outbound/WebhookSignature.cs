using System.Globalization;
using System.Security.Cryptography;
using HookGateway.Configuration;
using HookGateway.Verify;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// <c>webhook-signature</c> of Standard Webhooks: one <c>v1</c> signature for each secret, so that a receiver can change from
/// one to the next without losing an event.
/// </summary>
internal sealed class WebhookSignature
{
    private static readonly SignedContent Content = SignedContent.Compile("{id}.{timestamp}.{body}");

    private readonly SigningKey[] _keys;

    /// <param name="secrets">In base64, with or without <c>whsec_</c> before it.</param>
    public WebhookSignature(IReadOnlyList<string> secrets) => _keys =
        [.. secrets.Select(secret => new SigningKey(
            SignatureHash.Sha256, SignatureEncoding.DecodeSecret(SecretEncoding.Base64, secret)))];

    /// <summary>The header's value.</summary>
    /// <param name="id"><c>webhook-id</c>.</param>
    /// <param name="time">What <c>webhook-timestamp</c> says, in whole seconds.</param>
    /// <param name="body">As it is sent.</param>
    public string Of(string id, DateTimeOffset time, ReadOnlySpan<byte> body)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var timestamp = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var parts = new SignedParts { Body = body, Timestamp = timestamp, Id = id, Method = default, Url = default, Path = default };
        var signatures = new string[_keys.Length];
        for (var i = 0; i < signatures.Length; i++)
        {
            _keys[i].Sign(Content, parts, digest);
            signatures[i] = "v1," + Convert.ToBase64String(digest);
        }

        return string.Join(' ', signatures);
    }
}

using System.Buffers;
using System.Buffers.Text;
using HookGateway.Configuration;

namespace HookGateway.Verify;

/// <summary>Signatures and secrets between text and bytes.</summary>
internal static class SignatureEncoding
{
    private const string StandardWebhooksSecret = "whsec_";

    // Of the longest digest, in characters.
    private const int LongestBase64 = (SigningKey.MaxDigestLength + 2) / 3 * 4;

    /// <summary>Decodes what must be exactly one digest; anything longer, shorter or otherwise written is no signature.</summary>
    public static bool TryDecode(TextEncoding encoding, ReadOnlySpan<char> text, Span<byte> digest)
    {
        int written;
        return encoding switch
        {
            TextEncoding.Hex => text.Length == digest.Length * 2
                && Convert.FromHexString(text, digest, out _, out _) == OperationStatus.Done,
            TextEncoding.Base64 => TryDecodeBase64(text, digest, out written) && written == digest.Length,
            TextEncoding.Base64Url => Base64Url.DecodeFromChars(text, digest, out _, out written) == OperationStatus.Done
                && written == digest.Length,
            _ => throw new ArgumentOutOfRangeException(nameof(encoding)),
        };
    }

    /// <summary>As most senders write it: hex in lower case, base64url without padding.</summary>
    public static string Encode(TextEncoding encoding, ReadOnlySpan<byte> digest) => encoding switch
    {
        TextEncoding.Hex => Convert.ToHexStringLower(digest),
        TextEncoding.Base64 => Convert.ToBase64String(digest),
        TextEncoding.Base64Url => Base64Url.EncodeToString(digest),
        _ => throw new ArgumentOutOfRangeException(nameof(encoding)),
    };

    /// <exception cref="FormatException">It is not written so, or is empty; the message does not show it.</exception>
    public static byte[] DecodeSecret(SecretEncoding encoding, string secret)
    {
        byte[] key;
        try
        {
            key = encoding switch
            {
                SecretEncoding.Text => System.Text.Encoding.UTF8.GetBytes(secret),
                SecretEncoding.Hex => Convert.FromHexString(secret),
                SecretEncoding.Base64 => Convert.FromBase64String(WithoutPrefix(secret)),
                SecretEncoding.Base64Url => Base64Url.DecodeFromChars(WithoutPrefix(secret)),
                _ => throw new ArgumentOutOfRangeException(nameof(encoding)),
            };
        }
        catch (FormatException)
        {
            // The framework's exception is not passed on: some of its messages quote what they could not read.
            var expected = encoding.ToString().ToLowerInvariant();
            throw new FormatException($"a secret is not written as secretEncoding says ({expected})");
        }

        return key.Length > 0 ? key : throw new FormatException("a secret is empty");
    }

    // Some senders drop the padding, in this alphabet too.
    private static bool TryDecodeBase64(ReadOnlySpan<char> text, Span<byte> digest, out int written)
    {
        var whole = (digest.Length + 2) / 3 * 4;
        if (text.Length >= whole || text.Length < whole - 2 || whole > LongestBase64)
            return Convert.TryFromBase64Chars(text, digest, out written);

        Span<char> padded = stackalloc char[LongestBase64];
        padded.Fill('=');
        text.CopyTo(padded);
        return Convert.TryFromBase64Chars(padded[..whole], digest, out written);
    }

    private static string WithoutPrefix(string secret) =>
        secret.StartsWith(StandardWebhooksSecret, StringComparison.Ordinal) ? secret[StandardWebhooksSecret.Length..] : secret;
}

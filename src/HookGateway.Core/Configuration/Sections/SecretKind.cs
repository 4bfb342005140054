using System.Buffers.Text;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>What a signing secret must look like, so that no verifier ever meets one that it cannot decode.</summary>
internal static class SecretKind
{
    private const string StandardWebhooksPrefix = "whsec_";

    public static Kind<string> Of(SecretEncoding encoding) => encoding switch
    {
        SecretEncoding.Hex => Kind("a secret in hex", IsHex),
        SecretEncoding.Base64 => Kind("a secret in base64, with or without whsec_ before it", IsBase64),
        SecretEncoding.Base64Url => Kind("a secret in base64url, with or without whsec_ before it", IsBase64Url),
        _ => Kind("a secret that is not empty", text => text.Length > 0),
    };

    private static Kind<string> Kind(string expected, Func<string, bool> isValid) =>
        Kinds.Matching(expected, isValid) with { MayBeSecret = true };

    private static bool IsHex(string text) =>
        text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit);

    private static bool IsBase64(string text)
    {
        var encoded = WithoutPrefix(text);
        return Convert.TryFromBase64String(encoded, new byte[encoded.Length], out var length) && length > 0;
    }

    private static bool IsBase64Url(string text) => Base64Url.IsValid(WithoutPrefix(text), out var length) && length > 0;

    private static string WithoutPrefix(string text) =>
        text.StartsWith(StandardWebhooksPrefix, StringComparison.Ordinal) ? text[StandardWebhooksPrefix.Length..] : text;
}

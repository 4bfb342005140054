using HookGateway.Configuration;

namespace HookGateway.Verify;

/// <summary>
/// One source's HMAC scheme, compiled: what <see cref="HmacVerifier"/> checks and <see cref="RequestSigner"/> makes.
/// </summary>
internal sealed class HmacScheme
{
    public required VerifyConfiguration.Hmac Configuration { get; init; }

    public required SignatureFormat Format { get; init; }

    public required SignedContent Content { get; init; }

    /// <summary>In the order of the configured secrets; at least one.</summary>
    public required SigningKey[] Keys { get; init; }

    public required int DigestLength { get; init; }

    /// <summary>Whether a request without a timestamp cannot be judged.</summary>
    public required bool NeedsTimestamp { get; init; }

    /// <exception cref="FormatException">It makes no sense; the message is for the operator and shows no secret.</exception>
    public static HmacScheme Compile(VerifyConfiguration.Hmac hmac, IReadOnlyList<string> secrets)
    {
        var format = SignatureFormat.Compile(hmac.Format);
        var content = SignedContent.Compile(hmac.Content);
        if (secrets.Count == 0) throw new FormatException("secrets: a signed source needs at least one");
        if (hmac.Tolerance < TimeSpan.Zero) throw new FormatException("tolerance: is negative");
        if (content.UsesId && hmac.IdHeader is null) throw new FormatException("content: {id} needs `id: header:NAME`");
        var needsTimestamp = content.UsesTimestamp || hmac.Tolerance is not null;
        if (needsTimestamp && !format.HasTimestamp && hmac.TimestampHeader is null)
            throw new FormatException("a timestamp is needed, but neither format nor `timestamp: header:NAME` gives one");

        return new HmacScheme
        {
            Configuration = hmac,
            Format = format,
            Content = content,
            Keys = [.. secrets.Select(text => SignatureEncoding.DecodeSecret(hmac.SecretEncoding, text))
                .Select(key => new SigningKey(hmac.Hash, key))],
            DigestLength = SigningKey.DigestLength(hmac.Hash),
            NeedsTimestamp = needsTimestamp,
        };
    }
}

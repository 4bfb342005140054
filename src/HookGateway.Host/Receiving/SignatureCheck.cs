using HookGateway.Configuration;
using HookGateway.Verify;

namespace HookGateway.Host.Receiving;

/// <summary>Tells whether what arrives is signed as the gateway signs, by Standard Webhooks.</summary>
internal sealed class SignatureCheck
{
    /// <summary>The longest body that is checked: as long as the gateway's <c>limits.bodySize</c> may be. In bytes.</summary>
    public const int LongestBody = 64 * 1024 * 1024;

    private static readonly VerifyConfiguration.Hmac StandardWebhooks = new()
    {
        Header = "webhook-signature",
        Format = "v1,{signature}",
        Encoding = TextEncoding.Base64,
        Content = "{id}.{timestamp}.{body}",
        TimestampHeader = "webhook-timestamp",
        IdHeader = "webhook-id",
        SecretEncoding = SecretEncoding.Base64,

        // What Standard Webhooks recommends.
        Tolerance = TimeSpan.FromMinutes(5),
    };

    private readonly HmacVerifier _verifier;
    private readonly TimeProvider _time;

    /// <param name="secret">In base64, with or without <c>whsec_</c> before it.</param>
    /// <param name="time">By which a timestamp is too old.</param>
    /// <exception cref="FormatException">It is not; the message does not show it.</exception>
    public SignatureCheck(string secret, TimeProvider time)
    {
        _verifier = new HmacVerifier(HmacScheme.Compile(StandardWebhooks, [secret]), time);
        _time = time;
    }

    /// <summary>Checks one request.</summary>
    /// <param name="request">Its headers.</param>
    /// <param name="body">Its body, at most <see cref="LongestBody"/> of it.</param>
    /// <param name="size">The whole body's size in bytes.</param>
    public SignatureFinding Check(HttpRequest request, ReadOnlyMemory<byte> body, long size)
    {
        if (size > body.Length)
            return new SignatureFinding("too_large", $"signature not checked: more than {LongestBody} bytes");

        var result = _verifier.Verify(new ReceivedRequest
        {
            Method = request.Method,
            Headers = request.Headers,
            Query = request.Query,
            Body = body,
            RemoteAddress = null,
            ReceivedAt = _time.GetUtcNow(),
        });
        return result is VerifyResult.Refused refused
            ? new SignatureFinding(refused.Reason.ToWord(), Describe(refused))
            : new SignatureFinding(SignatureFinding.Ok, "signature ok");
    }

    private static string Describe(VerifyResult.Refused refused) => refused.Reason switch
    {
        RefusalReason.NoSignature => "not signed",
        RefusalReason.NoId => "signature wrong: webhook-id is absent, repeated or too long",
        RefusalReason.BadSignatureFormat => "signature wrong: webhook-signature has none of the form v1,BASE64",
        RefusalReason.NoTimestamp => "signature wrong: there is no webhook-timestamp",
        RefusalReason.BadTimestamp => "signature wrong: webhook-timestamp is no time in seconds",
        RefusalReason.StaleTimestamp =>
            $"signature wrong: webhook-timestamp is {Math.Abs(refused.Age!.Value.TotalSeconds):0} s {(refused.Age > TimeSpan.Zero ? "old" : "ahead")}, 300 s at most",
        _ => "signature wrong: of another secret, or id, timestamp or body are not what was signed",
    };
}

/// <summary>What was found of a request's signature.</summary>
/// <param name="Word">For machines: <c>ok</c>, or why not, in the words of the gateway's own refusals.</param>
/// <param name="Text">For people.</param>
internal sealed record SignatureFinding(string Word, string Text)
{
    /// <summary>The word where it is as it should be.</summary>
    public const string Ok = "ok";
}

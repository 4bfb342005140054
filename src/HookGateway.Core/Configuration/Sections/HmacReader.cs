using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>verify.hmac</c> and checks that its parts fit together.</summary>
internal static class HmacReader
{
    private static readonly Kind<TimeSpan> Tolerance = Kinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));

    private static readonly Kind<string> HeaderPlace = new("header:NAME", TryReadHeader);

    private static readonly Kind<SignatureHash> Hash = Kinds.OneOf(
        ("sha256", SignatureHash.Sha256),
        ("sha384", SignatureHash.Sha384),
        ("sha512", SignatureHash.Sha512),
        ("sha1", SignatureHash.Sha1));

    private static readonly Kind<TextEncoding> Encoding = Kinds.OneOf(
        ("hex", TextEncoding.Hex), ("base64", TextEncoding.Base64), ("base64url", TextEncoding.Base64Url));

    private static readonly Kind<SecretEncoding> Secrets = Kinds.OneOf(
        ("text", SecretEncoding.Text),
        ("hex", SecretEncoding.Hex),
        ("base64", SecretEncoding.Base64),
        ("base64url", SecretEncoding.Base64Url));

    private static readonly Kind<TimestampUnit> Unit =
        Kinds.OneOf(("s", TimestampUnit.Seconds), ("ms", TimestampUnit.Milliseconds));

    public static VerifyConfiguration Read(MappingReader hmac)
    {
        var scheme = new VerifyConfiguration.Hmac
        {
            Header = hmac.Required("header", Kinds.HeaderName, ""),
            Format = hmac.Value("format", Kinds.Text, "{signature}"),
            Hash = hmac.Value("hash", Hash, SignatureHash.Sha256),
            Encoding = hmac.Value("encoding", Encoding, TextEncoding.Hex),
            Content = hmac.Value("content", Kinds.Text, "{body}"),
            Tolerance = hmac.Has("tolerance") ? hmac.Value("tolerance", Tolerance) : null,
            TimestampHeader = hmac.Value("timestamp", HeaderPlace),
            TimestampUnit = hmac.Value("timestampUnit", Unit, TimestampUnit.Seconds),
            IdHeader = hmac.Value("id", HeaderPlace),
            SecretEncoding = hmac.Value("secretEncoding", Secrets, SecretEncoding.Text),
        };
        CheckTemplates(hmac, scheme);
        CheckTimestamp(hmac, scheme);
        if (scheme.Hash == SignatureHash.Sha1)
            hmac.Warn("hash", "sha1 is weak: only for a sender that knows nothing better");
        return scheme;
    }

    private static void CheckTemplates(MappingReader hmac, VerifyConfiguration.Hmac scheme)
    {
        const string UnsignedBody = "without {body} the body is not signed: whoever saw one request can send another";
        if (Placeholders.Fault(scheme.Format, ["signature", "timestamp"]) is { } inFormat)
            hmac.Fault("format", inFormat);
        else if (Placeholders.Count(scheme.Format, "signature") != 1)
            hmac.Fault("format", "must hold {signature} exactly once");
        else if (Placeholders.Count(scheme.Format, "timestamp") > 1)
            hmac.Fault("format", "must hold {timestamp} once at most");

        if (Placeholders.Fault(scheme.Content, ["body", "timestamp", "id", "method", "url", "path"]) is { } inContent)
            hmac.Fault("content", inContent);
        else if (Placeholders.Count(scheme.Content, "body") == 0)
            hmac.Warn("content", UnsignedBody);
        if (Placeholders.Count(scheme.Content, "id") > 0 && !hmac.Has("id"))
            hmac.Fault("content", "{id} needs to know where the id is: id: header:NAME");
    }

    private static void CheckTimestamp(MappingReader hmac, VerifyConfiguration.Hmac scheme)
    {
        var isInFormat = Placeholders.Count(scheme.Format, "timestamp") > 0;
        var isInContent = Placeholders.Count(scheme.Content, "timestamp") > 0;
        if (isInFormat && hmac.Has("timestamp"))
            hmac.Fault("timestamp", "the format holds a {timestamp} already: only one of the two");
        if (isInFormat || hmac.Has("timestamp"))
        {
            if (!isInContent && scheme.Tolerance is not null)
                hmac.Warn("tolerance", "the timestamp is not signed: whoever replays a request can change it");
            return;
        }

        const string Remedy = "needs a timestamp: {timestamp} in format, or timestamp: header:NAME";
        if (isInContent)
            hmac.Fault("content", $"{{timestamp}} {Remedy}");
        if (hmac.Has("tolerance"))
            hmac.Fault("tolerance", Remedy);
    }

    private static bool TryReadHeader(string text, out string name)
    {
        const string Prefix = "header:";
        var isHeader = text.StartsWith(Prefix, StringComparison.Ordinal);
        name = isHeader ? text[Prefix.Length..] : "";
        return isHeader && Kinds.IsHeaderName(name);
    }
}

using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class HmacReaderTests
{
    private const string NeedsTimestamp = "needs a timestamp: {timestamp} in format, or timestamp: header:NAME";

    [Fact]
    public void Hmac_EverythingGiven_IsRead()
    {
        var configuration = Given.Configuration(Given.Hmac("""
            header: X-Signature
            format: "v1={signature}"
            hash: sha512
            encoding: base64url
            content: "{id}.{timestamp}.{method}{url}{body}"
            tolerance: 5m
            timestamp: header:X-Timestamp
            timestampUnit: ms
            id: header:X-Id
            secretEncoding: base64
            """, "whsec_AAECAw=="));

        Assert.Equal(
            new VerifyConfiguration.Hmac
            {
                Header = "X-Signature",
                Format = "v1={signature}",
                Hash = SignatureHash.Sha512,
                Encoding = TextEncoding.Base64Url,
                Content = "{id}.{timestamp}.{method}{url}{body}",
                Tolerance = TimeSpan.FromMinutes(5),
                TimestampHeader = "X-Timestamp",
                TimestampUnit = TimestampUnit.Milliseconds,
                IdHeader = "X-Id",
                SecretEncoding = SecretEncoding.Base64,
            },
            configuration.Sources[0].Verify);
    }

    [Theory]
    [InlineData("format: \"t={timestamp},v1={signature}\"\ncontent: \"{timestamp}.{body}\"\ntolerance: 5m")]
    [InlineData("timestamp: header:X-T\ncontent: \"{timestamp}.{body}\"")]
    public void Timestamp_InFormatOrHeader_IsEnough(string lines) => Assert.Empty(Given.Warnings(Given.Hmac("header: X\n" + lines)));

    [Theory]
    [InlineData("format: \"v1=\"", "8:17: sources.crm.verify.hmac.format: must hold {signature} exactly once")]
    [InlineData("format: \"{signature}{signature}\"", "8:17: sources.crm.verify.hmac.format: must hold {signature} exactly once")]
    [InlineData("format: \"{timestamp}{timestamp}{signature}\"", "8:17: sources.crm.verify.hmac.format: must hold {timestamp} once at most")]
    [InlineData("format: \"{signatur}\"", "8:17: sources.crm.verify.hmac.format: unknown placeholder; did you mean 'signature'?")]
    [InlineData("format: \"{signature}{\"", "8:17: sources.crm.verify.hmac.format: an unclosed {")]
    [InlineData("format: \"}{signature}\"", "8:17: sources.crm.verify.hmac.format: a } without a { before it")]
    [InlineData("content: \"{headers}{body}\"", "8:18: sources.crm.verify.hmac.content: unknown placeholder; known: body, timestamp, id, method, url, path")]
    [InlineData("content: \"{timestamp}{body}\"", $"8:18: sources.crm.verify.hmac.content: {{timestamp}} {NeedsTimestamp}")]
    [InlineData("content: \"{id}{body}\"", "8:18: sources.crm.verify.hmac.content: {id} needs to know where the id is: id: header:NAME")]
    [InlineData("tolerance: 5m", $"8:20: sources.crm.verify.hmac.tolerance: {NeedsTimestamp}")]
    [InlineData("tolerance: 25h\ntimestamp: header:T", "8:20: sources.crm.verify.hmac.tolerance: expected a duration from 1s to 1d, such as 500ms, 10s, 5m, 24h or 7d, not '25h'")]
    [InlineData("timestamp: X-T", "8:20: sources.crm.verify.hmac.timestamp: expected header:NAME, not 'X-T'")]
    [InlineData("timestamp: header:T\nformat: \"{timestamp} {signature}\"", "8:20: sources.crm.verify.hmac.timestamp: the format holds a {timestamp} already: only one of the two")]
    [InlineData("id: \"header:\"", "8:13: sources.crm.verify.hmac.id: expected header:NAME, not 'header:'")]
    [InlineData("hash: SHA256", "8:15: sources.crm.verify.hmac.hash: expected one of sha256, sha384, sha512, sha1, not 'SHA256'")]
    [InlineData("encoding: base32", "8:19: sources.crm.verify.hmac.encoding: expected one of hex, base64, base64url, not 'base32'")]
    [InlineData("timestampUnit: us", "8:24: sources.crm.verify.hmac.timestampUnit: expected one of s, ms, not 'us'")]
    [InlineData("head: X", "8:9: sources.crm.verify.hmac: unknown key 'head'; known: content, encoding, format, hash, header, id, secretEncoding, timestamp, timestampUnit, tolerance")]
    public void Hmac_Wrong_IsOneFaultAtItsPlace(string lines, string fault) =>
        Assert.Equal([fault], Given.Faults(Given.Hmac("header: X-Signature\n" + lines)));

    [Theory]
    [InlineData("hash: sha256", "6:7: sources.crm.verify.hmac: needs header: the name of a header")]
    [InlineData("header: X Y", "7:17: sources.crm.verify.hmac.header: expected the name of a header, not 'X Y'")]
    public void Header_MissingOrNone_IsAFault(string line, string fault) => Assert.Equal([fault], Given.Faults(Given.Hmac(line)));

    [Theory]
    [InlineData("hex", "[00ff, 0f0]", "4:21: sources.crm.secrets: expected a secret in hex")]
    [InlineData("hex", "whsec_00", "4:14: sources.crm.secrets: expected a secret in hex")]
    [InlineData("base64", "\"!!!!\"", "4:14: sources.crm.secrets: expected a secret in base64, with or without whsec_ before it")]
    [InlineData("base64url", "ab+/", "4:14: sources.crm.secrets: expected a secret in base64url, with or without whsec_ before it")]
    [InlineData("base64", "whsec_", "4:14: sources.crm.secrets: expected a secret in base64, with or without whsec_ before it")]
    [InlineData("base64", "\"${SECRET}\"", "4:14: sources.crm.secrets: expected a secret in base64, with or without whsec_ before it")]
    public void Secret_ThatCannotBeDecoded_IsAFaultWithoutIt(string encoding, string secrets, string fault) =>
        Assert.Equal([fault], Given.Faults(Given.Hmac($"header: X\nsecretEncoding: {encoding}", secrets)));

    [Theory]
    [InlineData("hash: sha1", "8:15: sources.crm.verify.hmac.hash: sha1 is weak: only for a sender that knows nothing better")]
    [InlineData("content: \"{url}\"", "8:18: sources.crm.verify.hmac.content: without {body} the body is not signed: whoever saw one request can send another")]
    [InlineData("tolerance: 5m\ntimestamp: header:T", "8:20: sources.crm.verify.hmac.tolerance: the timestamp is not signed: whoever replays a request can change it")]
    public void Hmac_Unwise_IsAWarning(string lines, string warning) => Assert.Equal([warning], Given.Warnings(Given.Hmac("header: X\n" + lines)));
}

using System.Security.Cryptography;
using System.Text;
using CsCheck;
using HookGateway.Configuration;
using HookGateway.Host.Detecting;
using HookGateway.UnitTests.Configuration;
using HookGateway.UnitTests.Verify;
using HookGateway.Verify;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static HookGateway.UnitTests.Verify.Requests;
using Hmac = HookGateway.Configuration.VerifyConfiguration.Hmac;

namespace HookGateway.UnitTests.Host.Detecting;

/// <summary>From a scheme to a signed request, to its capture, to YAML, to a verifier that takes it and no other body.</summary>
public sealed class SignatureDetectorTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private static readonly Gen<(Hmac Scheme, string Secret)> Schemes =
        from format in Any(
            "{signature}", "sha256={signature}", "v1={signature}", "v1,{signature}", "HMAC {signature}", "signature=\"{signature}\"",
            "t={timestamp},v1={signature}", "s={signature};t={timestamp}", "ts={timestamp};h1={signature}", "{timestamp}.{signature}")
        from content in Any([.. ContentTemplates.All.Select(template => template.Text)])
        from hash in Gen.Enum<SignatureHash>()
        from encoding in Gen.Enum<TextEncoding>()
        from unit in Gen.Enum<TimestampUnit>()
        from secretEncoding in Gen.Enum<SecretEncoding>()
        from key in Gen.Byte.Array[9, 40]
        select (
            new Hmac
            {
                Header = "X-Sig",
                Format = format,
                Content = content,
                Hash = hash,
                Encoding = encoding,
                TimestampHeader = format.Contains("{timestamp}", StringComparison.Ordinal) ? null : "X-Time",
                TimestampUnit = unit,
                IdHeader = "X-Delivery-Id",
                SecretEncoding = secretEncoding,
            },
            SecretOf(secretEncoding, key));

    private static readonly Gen<string> Bodies = Gen.OneOf(
        Gen.Char["{}[]\":,ab1 \n\r\t\\'$`é中"].Array[1, 60].Select(text => new string(text)),
        Gen.Const("{\"a\": \"😀\"}"));

    public static TheoryData<string> Forms => [.. Captures.Forms.Keys];

    [Theory]
    [MemberData(nameof(Forms))]
    public void SignedRequest_OfAnyScheme_IsFoundAndItsYamlVerifiesThatBodyOnly(string form)
    {
        Gen.Select(Schemes, Bodies).Sample((signed, text) =>
        {
            // A body that ends the shell's or the file's own way would be another capture.
            var body = "{" + text + "}";
            var (scheme, secret) = signed;
            var headers = new RequestSigner(Source(scheme, secret)).Sign("POST", Url, Encoding.UTF8.GetBytes(body), Now);

            var detection = SignatureDetector.Detect(CaptureReader.Parse(Captures.Forms[form](Url, headers, body), null), secret);

            Assert.True(detection.Schemes.Count > 0, string.Join('\n', detection.Remarks));
            Assert.InRange(detection.Tried, 1, 10_000);
            var verifier = VerifierOf(detection.Schemes[0].Yaml, secret);
            Assert.Equal(new VerifyResult.Passed(0), verifier.Verify(Request(body, headers)));
            Assert.Equal(new VerifyResult.Refused(RefusalReason.WrongSignature), verifier.Verify(Request(body + " ", headers)));
            Assert.DoesNotContain(secret, detection.Schemes[0].Yaml);
        });
    }

    [Theory]
    [InlineData("It's a Secret to Everybody", "X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "Hello, World!", "format: \"sha256={signature}\"")]
    [InlineData(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\nwebhook-timestamp: 1614265330\nwebhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "{\"test\": 2432232314}", "content: \"{id}.{timestamp}.{body}\"")]
    [InlineData(
        "8f742231b10e8888abcd99yyyzzz85a5",
        "X-Slack-Request-Timestamp: 1531420618\nX-Slack-Signature: v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        + "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        + "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
        "content: \"v0:{timestamp}:{body}\"")]
    public void PublishedExample_IsFound(string secret, string headers, string body, string line)
    {
        var detection = Detect($"POST / HTTP/1.1\n{headers}\n\n{body}", secret);

        Assert.Contains($"    {line}\n", detection.Schemes[0].Yaml);
    }

    [Fact]
    public void Yaml_OfASignedTimestamp_IsWholeAndChecksItsAge()
    {
        var headers = Signed(new Hmac
        {
            Header = "X-Sig",
            Content = "{timestamp}\n{body}",
            TimestampHeader = "X-Time",
            TimestampUnit = TimestampUnit.Milliseconds,
            Encoding = TextEncoding.Base64,
        });

        var detection = Detect(Captures.Raw(Url, headers, "{}", "\n"), "secret");

        Assert.Equal(
            """
            verify:
              hmac:
                header: "X-Sig"
                format: "{signature}"
                hash: sha256
                encoding: base64
                content: "{timestamp}\n{body}"
                secretEncoding: text
                timestamp: "header:X-Time"
                timestampUnit: ms
                tolerance: 5m

            """,
            detection.Schemes[0].Yaml);
        Assert.Contains("The request was signed at 2023-11-14T22:13:20Z: tolerance was judged as of then.", detection.Remarks);
    }

    [Fact]
    public void Timestamp_ThatTheGatewayCannotRead_IsSignedAlongWithoutACheckOfItsAge()
    {
        const string Date = "Tue, 14 Nov 2023 22:13:20 GMT";
        var digest = HMACSHA256.HashData("secret"u8, Encoding.UTF8.GetBytes(Date + "{}"));

        var detection = Detect($"POST / HTTP/1.1\nDate: {Date}\nX-Sig: {Convert.ToHexStringLower(digest)}\n\n{{}}", "secret");

        Assert.EndsWith("timestamp: \"header:Date\"\n", detection.Schemes[0].Yaml);
        Assert.StartsWith("What is signed along as a timestamp is no time that the gateway can read", detection.Remarks[0]);
    }

    [Fact]
    public void SeveralSchemes_TheSimplestAndStrongestComesFirst_AndTheOthersAreNamed()
    {
        var weak = Signed(new Hmac { Header = "X-Hub-Signature", Format = "sha1={signature}", Hash = SignatureHash.Sha1 });
        var strong = Signed(new Hmac { Header = "X-Hub-Signature-256", Format = "sha256={signature}" });

        var detection = Detect(Captures.Raw(Url, [.. weak, .. strong], "{}", "\n"), "secret");

        Assert.Equal(["X-Hub-Signature-256", "X-Hub-Signature"], detection.Schemes.Select(scheme => scheme.Match.Place.Name));
        Assert.Contains("2 schemes verify this request; the simplest is printed. The others:", detection.Remarks);
    }

    [Fact]
    public void Preset_ThatDoesAlready_IsNamed() => Assert.Contains(
        "The preset sysaid verifies this request as it is: a source with 'preset: sysaid' needs no verify.",
        Detect(Captures.Raw(Url, Signed(new Hmac { Header = "X-Sysaid-Signature" }), "{}", "\n"), "secret").Remarks);

    [Fact]
    public void Search_OfALargeBody_EndsByItsBounds()
    {
        var body = new string('x', 9 * 1024 * 1024);
        var detection = Detect(Captures.Raw(Url, [Header("X-Sig", SignatureCase.Hex), Header("X-Time", "1700000000")], body, "\n"), "secret");

        Assert.Empty(detection.Schemes);
        Assert.InRange(detection.Tried, 1, SchemeSearch.MaxHashedBytes / body.Length + 2);
        Assert.Contains(detection.Remarks, remark => remark.StartsWith("The search ended at its limit", StringComparison.Ordinal));
    }

    [Fact]
    public void Search_OfARequestMadeToBeSlow_EndsByItsBounds()
    {
        var headers = Enumerable.Range(0, 150).Select(i => Header($"X-Id-{i}", $"t={1_700_000_000 + i},v1={SignatureCase.Hex},v2={SignatureCase.Hex}"));

        var detection = Detect(Captures.Raw(Url, headers, "{ \"a\": 1,\r\n\"b\": 2 }\n", "\n"), " \"whsec_0123456789abcdef\" ");

        Assert.Equal(SchemeSearch.MaxTries, detection.Tried);
    }

    private static Gen<string> Any(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static Detection Detect(string capture, string secret) => Detect(Encoding.UTF8.GetBytes(capture), secret);

    private static Detection Detect(byte[] capture, string secret) => SignatureDetector.Detect(CaptureReader.Parse(capture, null), secret);

    private static IReadOnlyList<KeyValuePair<string, string>> Signed(Hmac scheme) =>
        new RequestSigner(Source(scheme, "secret")).Sign("POST", Url, "{}"u8, Now);

    private static SourceVerifier VerifierOf(string yaml, string secret)
    {
        var text = Given.Source($"event: type\nsecrets: [\"${{SECRET}}\"]\n{yaml.TrimEnd()}");
        var valid = Assert.IsType<ConfigurationResult.Valid>(ConfigurationLoader.Parse(Given.File, text, _ => secret));
        return new SourceVerifier(valid.Configuration.Sources[0], new FakeTimeProvider(Now));
    }

    private static string SecretOf(SecretEncoding encoding, byte[] key) => encoding switch
    {
        SecretEncoding.Text => "s: " + Convert.ToHexString(key),
        SecretEncoding.Hex => Convert.ToHexString(key),
        SecretEncoding.Base64 => "whsec_" + Convert.ToBase64String(key),
        _ => System.Buffers.Text.Base64Url.EncodeToString(key),
    };
}

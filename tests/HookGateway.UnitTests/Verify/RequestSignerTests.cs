using System.Text;
using CsCheck;
using HookGateway.Configuration;
using HookGateway.Verify;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static HookGateway.UnitTests.Verify.Requests;
using Hmac = HookGateway.Configuration.VerifyConfiguration.Hmac;

namespace HookGateway.UnitTests.Verify;

public sealed class RequestSignerTests
{
    private static readonly Gen<Hmac> Schemes =
        from format in Any(
            "{signature}", "v1={signature}", "v1,{signature}", "HMAC {signature}", "t={timestamp},v1={signature}",
            "s={signature};t={timestamp}")
        from content in Any("{body}", "{timestamp}{body}", "{id}.{timestamp}.{body}", "{method}\n{url}\n{body}")
        from hash in Gen.Enum<SignatureHash>()
        from encoding in Gen.Enum<TextEncoding>()
        from unit in Gen.Enum<TimestampUnit>()
        from tolerant in Gen.Bool
        select new Hmac
        {
            Header = "X-Sig",
            Format = format,
            Content = content,
            Hash = hash,
            Encoding = encoding,
            TimestampHeader = "X-Time",
            TimestampUnit = unit,
            IdHeader = "X-Id",
            Tolerance = tolerant ? TimeSpan.FromSeconds(1) : null,
        };

    [Fact]
    public void SignedRequest_OfAnyScheme_PassesUntilItsBodyChanges()
    {
        Gen.Select(Schemes, Gen.String[1, 100], Gen.Byte.Array[0, 5000]).Sample((scheme, secret, body) =>
        {
            var now = DateTimeOffset.UnixEpoch.AddDays(20_000);
            var source = Source(scheme, "unused", secret + "x");
            var signer = new RequestSigner(source with { Secrets = [secret + "x"] });
            var verifier = new SourceVerifier(source, new FakeTimeProvider(now));
            var headers = signer.Sign("POST", Url, body, now);

            Assert.Equal(new VerifyResult.Passed(1), verifier.Verify(Request(body, headers)));
            Assert.Equal(new VerifyResult.Refused(RefusalReason.WrongSignature), verifier.Verify(Request([.. body, 0], headers)));
        });
    }

    [Fact]
    public void UnsignedSource_GetsNoHeaders()
    {
        var signer = new RequestSigner(Source(new VerifyConfiguration.None()));

        Assert.Empty(signer.Sign("POST", Url, "{}"u8, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void AnySignatureHeader_NeverThrowsAndNeverPasses()
    {
        var verifiers = Schemes.Array[50].Single()
            .Select(scheme => new SourceVerifier(Source(scheme, "secret"), TimeProvider.System)).ToArray();
        var header = Gen.Char["0123456789abcdefAZ+/=_-,; .:v1tsHMAC\t\u00e9"].Array[0, 200].Select(text => new string(text));
        Gen.Select(Gen.Int[0, 49], header, header).Sample((which, signature, time) =>
        {
            var request = Request("{}", [Header("X-Sig", signature), Header("X-Time", time), Header("X-Id", "id")]);
            Assert.IsType<VerifyResult.Refused>(verifiers[which].Verify(request));
        });
    }

    private static Gen<string> Any(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);
}

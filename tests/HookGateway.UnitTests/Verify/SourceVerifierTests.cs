using System.Net;
using HookGateway.Configuration;
using HookGateway.Verify;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static HookGateway.UnitTests.Verify.Requests;
using Hmac = HookGateway.Configuration.VerifyConfiguration.Hmac;

namespace HookGateway.UnitTests.Verify;

/// <summary>Signatures of the body below, under the secret <c>secret</c> unless a row says otherwise, made with Python's hmac.</summary>
public sealed class SourceVerifierTests
{
    private const string Body = """{"type":"t","id":1}""";
    private const string Hex = "c5c08aaf98cc7f32bde7d91edb3f5af034817178723617a0f8b04ead29aa52ff";
    private const string OldHex = "7c7932ae2915b6f68508dfb1d7abbe0f82abcf055c2129622a3adb9fbc9d1bc4";
    private const string StripeHex = "ee094bab9b9a786c3ff47e3a5a383214b562ed5998d596f64dc3cabdb4583ae4";
    private const string OtherHex = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string Base64 = "xcCKr5jMfzK959ke2z9a8DSBcXhyNheg+LBOrSmqUv8=";

    private static readonly Hmac SysAid = new() { Header = "X-Sysaid-Signature" };

    private static readonly Hmac Stripe = new()
    {
        Header = "Stripe-Signature",
        Format = "t={timestamp},v1={signature}",
        Content = "{timestamp}.{body}",
        Tolerance = TimeSpan.FromMinutes(5),
    };

    private static readonly Hmac Standard = new()
    {
        Header = "webhook-signature",
        Format = "v1,{signature}",
        Encoding = TextEncoding.Base64,
    };

    private static readonly Hmac Zendesk = new()
    {
        Header = "X-Sig",
        Encoding = TextEncoding.Base64,
        Content = "{timestamp}{body}",
        TimestampHeader = "X-Sig-Timestamp",
    };

    private static readonly Hmac HubSpot = new()
    {
        Header = "X-Sig",
        Encoding = TextEncoding.Base64,
        Content = "{method}{url}{body}{timestamp}",
        TimestampHeader = "X-Time",
        TimestampUnit = TimestampUnit.Milliseconds,
        Tolerance = TimeSpan.FromMinutes(5),
    };

    private static readonly Hmac Identified = new() { Header = "X-Sig", Content = "{id}{body}", IdHeader = "X-Id" };

    private static Dictionary<string, Row> Rows { get; } = new()
    {
        ["sysaid"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", Hex)], "0"),
        ["hex in upper case"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", Hex.ToUpperInvariant())], "0"),
        ["header name in another case"] = new(SysAid, ["secret"], [("x-sysaid-signature", Hex)], "0"),
        ["second secret"] = new(SysAid, ["old", "secret"], [("X-Sysaid-Signature", Hex)], "1"),
        ["first of two secrets"] = new(SysAid, ["old", "secret"], [("X-Sysaid-Signature", OldHex)], "0"),
        ["both secrets signed"] = new(SysAid, ["old", "secret"], [("X-Sysaid-Signature", $"{Hex}, {OldHex}")], "0"),
        ["one value of several"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", OtherHex), ("X-Sysaid-Signature", Hex)], "0"),
        ["fifth value"] = new(SysAid, ["secret"], [.. Enumerable.Repeat(("X-Sysaid-Signature", OtherHex), 4), ("X-Sysaid-Signature", Hex)], "wrong_signature"),
        ["sha1"] = new(SysAid with { Hash = SignatureHash.Sha1 }, ["secret"], [("X-Sysaid-Signature", "d12523549e236ef01bd3a8cb5034c232152cd550")], "0"),
        ["sha384 base64"] = new(
            SysAid with { Hash = SignatureHash.Sha384, Encoding = TextEncoding.Base64 }, ["secret"],
            [("X-Sysaid-Signature", "iGYmuoiCaO5aQWO/Qg4V+DYJvvBOdLCHrkrdP4sbIK/abbWdQz7BvcYdaELhRO9Y")], "0"),
        ["sha512 base64url unpadded"] = new(
            SysAid with { Hash = SignatureHash.Sha512, Encoding = TextEncoding.Base64Url }, ["secret"],
            [("X-Sysaid-Signature", "OC1T5Zvfty1hq770W0k84qHkrDi0umwqxvrU_woJsQ48C9xHuluoJeGSPpy8BNLSk43vDYukB60979lsOnedKg")], "0"),
        ["sha512 base64url padded"] = new(
            SysAid with { Hash = SignatureHash.Sha512, Encoding = TextEncoding.Base64Url }, ["secret"],
            [("X-Sysaid-Signature", "OC1T5Zvfty1hq770W0k84qHkrDi0umwqxvrU_woJsQ48C9xHuluoJeGSPpy8BNLSk43vDYukB60979lsOnedKg==")], "0"),
        ["base64 secret, prefix with a space"] = new(
            SysAid with { Format = "HMAC {signature}", Encoding = TextEncoding.Base64, SecretEncoding = SecretEncoding.Base64 }, ["AP8Q"],
            [("X-Sysaid-Signature", "HMAC yQ5Oph4HjjnmWQjcveg1xGT9/oR8epm1/m7lDhGo0r8=")], "0"),
        ["hex secret"] = new(
            SysAid with { SecretEncoding = SecretEncoding.Hex }, ["00FF10"],
            [("X-Sysaid-Signature", "c90e4ea61e078e39e65908dcbde835c464fdfe847c7a99b5fe6ee50e11a8d2bf")], "0"),
        ["secret and signed id beyond ASCII"] = new(
            Identified, ["schlüssel"], [("X-Id", "é"), ("X-Sig", "6acd32bd5d71456a8383e618522dbeef0a0299791c09688a5b07a01e44eaf1eb")], "0"),

        ["no header"] = new(SysAid, ["secret"], [], "no_signature"),
        ["empty header"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", "")], "no_signature"),
        ["blank header"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", "  ")], "no_signature"),
        ["another secret"] = new(SysAid, ["Secret"], [("X-Sysaid-Signature", Hex)], "wrong_signature"),
        ["truncated"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", Hex[..^2])], "bad_signature_format"),
        ["one digit too many"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", Hex + "0")], "bad_signature_format"),
        ["base64 for hex"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", Base64)], "bad_signature_format"),
        ["hex for base64"] = new(SysAid with { Encoding = TextEncoding.Base64 }, ["secret"], [("X-Sysaid-Signature", Hex)], "bad_signature_format"),
        ["prefix that is not asked for"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", "sha256=" + Hex)], "bad_signature_format"),
        ["prefix missing"] = new(SysAid with { Format = "sha256={signature}" }, ["secret"], [("X-Sysaid-Signature", Hex)], "bad_signature_format"),
        ["header as long as may be"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", Hex + new string(',', 4096 - 64))], "0"),
        ["header too long"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", Hex + new string(',', 4096 - 63))], "bad_signature_format"),
        ["sixteenth signature"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", string.Join(',', [.. Enumerable.Repeat(OtherHex, 15), Hex]))], "0"),
        ["seventeenth signature"] = new(SysAid, ["secret"], [("X-Sysaid-Signature", string.Join(',', [.. Enumerable.Repeat(OtherHex, 16), Hex]))], "wrong_signature"),

        ["stripe"] = new(Stripe, ["secret"], [("Stripe-Signature", $"t=1700000000,v1={StripeHex}")], "0"),
        ["stripe, second v1"] = new(Stripe, ["secret"], [("Stripe-Signature", $"t=1700000000,v1={OtherHex},v1={StripeHex}")], "0"),
        ["stripe, another order and unknown parts"] = new(Stripe, ["secret"], [("Stripe-Signature", $"v0={OtherHex}, v1={StripeHex}, x, t=1700000000")], "0"),
        ["stripe, v1 only under another version"] = new(Stripe, ["secret"], [("Stripe-Signature", $"t=1700000000,v0={StripeHex}")], "bad_signature_format"),
        ["stripe, no timestamp"] = new(Stripe, ["secret"], [("Stripe-Signature", $"v1={StripeHex}")], "no_timestamp"),
        ["stripe, empty timestamp"] = new(Stripe, ["secret"], [("Stripe-Signature", $"t=,v1={StripeHex}")], "no_timestamp"),
        ["stripe, another timestamp"] = new(Stripe, ["secret"], [("Stripe-Signature", $"t=1700000001,v1={StripeHex}")], "wrong_signature"),
        ["stripe, negative timestamp"] = new(Stripe, ["secret"], [("Stripe-Signature", $"t=-1700000000,v1={StripeHex}")], "bad_timestamp"),
        ["stripe, endless timestamp"] = new(Stripe, ["secret"], [("Stripe-Signature", $"t={new string('9', 400)},v1={StripeHex}")], "bad_timestamp"),
        ["stripe, timestamp beyond the calendar"] = new(Stripe, ["secret"], [("Stripe-Signature", $"t=999999999999999,v1={StripeHex}")], "bad_timestamp"),
        ["paddle"] = new(
            Stripe with { Format = "ts={timestamp};h1={signature}", Content = "{timestamp}:{body}" }, ["secret"],
            [("Stripe-Signature", "ts=1700000000;h1=7a9ad0211630c60a07d23a67ae35ef6201243dc17517accdefde554624d27cca")], "0"),
        ["by position"] = new(Stripe with { Format = "{timestamp}.{signature}" }, ["secret"], [("Stripe-Signature", $"1700000000.{StripeHex}")], "0"),
        ["by position, the other way"] = new(Stripe with { Format = "{signature},{timestamp}" }, ["secret"], [("Stripe-Signature", $"{StripeHex},1700000000")], "0"),

        ["standard webhooks, space separated"] = new(Standard, ["secret"], [("webhook-signature", $"v1a,AAAA v1,AAAA v1,{Base64}")], "0"),
        ["standard webhooks, joined by a proxy"] = new(Standard, ["secret"], [("webhook-signature", $"v1,{Base64}, v1a,AAAA")], "0"),
        ["standard webhooks, v1a only"] = new(Standard, ["secret"], [("webhook-signature", $"v1a,{Base64}")], "bad_signature_format"),
        ["pagerduty list"] = new(SysAid with { Format = "v1={signature}" }, ["secret"], [("X-Sysaid-Signature", $"v1={OtherHex},v1={Hex}")], "0"),

        ["zendesk"] = new(Zendesk, ["secret"], [("X-Sig", "cBGn8HR+AUUCUFERwQgzLpdPfWRaMe8DGfZwSpoC2Lg="), ("X-Sig-Timestamp", "2023-11-14T22:13:20Z")], "0"),
        ["zendesk, its time checked"] = new(
            Zendesk with { Tolerance = TimeSpan.Zero }, ["secret"],
            [("X-Sig", "cBGn8HR+AUUCUFERwQgzLpdPfWRaMe8DGfZwSpoC2Lg="), ("X-Sig-Timestamp", "2023-11-14T22:13:20Z")], "0"),
        ["timestamp header missing"] = new(Zendesk, ["secret"], [("X-Sig", Base64)], "no_timestamp"),
        ["timestamp header empty"] = new(Zendesk, ["secret"], [("X-Sig", Base64), ("X-Sig-Timestamp", "")], "no_timestamp"),
        ["timestamp header twice"] = new(Zendesk, ["secret"], [("X-Sig", Base64), ("X-Sig-Timestamp", "1"), ("X-Sig-Timestamp", "1")], "bad_timestamp"),
        ["timestamp header huge"] = new(Zendesk, ["secret"], [("X-Sig", Base64), ("X-Sig-Timestamp", new string('1', 513))], "bad_timestamp"),
        ["hubspot"] = new(HubSpot, ["secret"], [("X-Sig", "ewvPVnQ5C209DpYa2Y3CMWxNcrIuk2U/Q5Uemos1M/o="), ("X-Time", "1700000000000")], "0"),
        ["id missing"] = new(Identified, ["secret"], [("X-Sig", Hex)], "no_id"),
        ["id twice"] = new(Identified, ["secret"], [("X-Sig", Hex), ("X-Id", "a"), ("X-Id", "a")], "no_id"),
    };

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Request_OfATableRow_EndsAsTheRowSays(string name)
    {
        var row = Rows[name];
        var verifier = new SourceVerifier(Source(row.Scheme, row.Secrets), At(1700000000));

        var result = verifier.Verify(Request(Body, row.Headers.Select(header => Header(header.Name, header.Value))));

        Assert.Equal(row.Expected, Word(result));
    }

    [Fact]
    public void Request_WithAnyOneByteOfItsBodyChanged_IsAWrongSignature()
    {
        var verifier = new SourceVerifier(Source(SysAid, "secret"), TimeProvider.System);
        for (var i = 0; i < Body.Length; i++)
        {
            var body = System.Text.Encoding.UTF8.GetBytes(Body);
            body[i] ^= 1;

            Assert.Equal("wrong_signature", Word(verifier.Verify(Request(body, [Header("X-Sysaid-Signature", Hex)]))));
        }
    }

    [Theory]
    [InlineData(1700000300.000, "0")]
    [InlineData(1700000300.001, "stale_timestamp")]
    [InlineData(1699999700.000, "0")]
    [InlineData(1699999699.999, "stale_timestamp")]
    public void Timestamp_AtTheEdgeOfTheTolerance_CountsToTheMillisecond(double now, string expected)
    {
        var verifier = new SourceVerifier(Source(Stripe, "secret"), At(now));

        var result = verifier.Verify(Request(Body, [Header("Stripe-Signature", $"t=1700000000,v1={StripeHex}")]));

        Assert.Equal(expected, Word(result));
    }

    [Fact]
    public void StaleRequest_ThatIsGenuine_SaysHowStale()
    {
        var verifier = new SourceVerifier(Source(Stripe, "secret"), At(1700000412));

        var result = verifier.Verify(Request(Body, [Header("Stripe-Signature", $"t=1700000000,v1={StripeHex}")]));

        Assert.Equal(new VerifyResult.Refused(RefusalReason.StaleTimestamp, TimeSpan.FromSeconds(412)), result);
    }

    [Fact]
    public void StaleRequest_ThatIsForged_IsCalledForged()
    {
        var verifier = new SourceVerifier(Source(Stripe, "secret"), At(1800000000));

        var result = verifier.Verify(Request(Body, [Header("Stripe-Signature", $"t=1700000000,v1={OtherHex}")]));

        Assert.Equal("wrong_signature", Word(result));
    }

    [Theory]
    [InlineData("203.0.113.9", "passed")]
    [InlineData("203.0.114.9", "address_not_allowed")]
    [InlineData("2001:db8::1", "passed")]
    [InlineData("2001:db9::1", "address_not_allowed")]
    [InlineData(null, "address_not_allowed")]
    public void Address_IsCheckedAgainstTheList(string? address, string expected)
    {
        var source = Source(new VerifyConfiguration.None()) with
        {
            Allow = [IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("2001:db8::/32")],
        };

        var result = new SourceVerifier(source, TimeProvider.System)
            .Verify(Request(Body, address: address is null ? null : IPAddress.Parse(address)));

        Assert.Equal(expected, Word(result));
    }

    [Fact]
    public void Address_OutsideTheList_IsRefusedThoughTheSignatureIsRight()
    {
        var source = Source(SysAid, "secret") with { Allow = [IPNetwork.Parse("203.0.113.0/24")] };

        var result = new SourceVerifier(source, TimeProvider.System)
            .Verify(Request(Body, [Header("X-Sysaid-Signature", Hex)], address: IPAddress.Loopback));

        Assert.Equal("address_not_allowed", Word(result));
    }

    [Fact]
    public void Verify_FromManyThreads_NeverMixesTwoRequests()
    {
        var source = Source(Stripe, "secret", "old");
        var verifier = new SourceVerifier(source, At(1700000000));
        var signer = new RequestSigner(source);
        Parallel.For(0, 20_000, i =>
        {
            var body = System.Text.Encoding.UTF8.GetBytes($"body {i}");
            var headers = signer.Sign("POST", Url, body, DateTimeOffset.FromUnixTimeSeconds(1700000000));
            var shown = i % 2 == 0 ? $"body {i}" : $"body {i + 1}";
            Assert.Equal(i % 2 == 0 ? "0" : "wrong_signature", Word(verifier.Verify(Request(shown, headers))));
        });
    }

    [Fact]
    public void Verify_OfAGoodRequest_MakesNoGarbage()
    {
        var verifier = new SourceVerifier(Source(Stripe, "secret"), At(1700000000));
        var request = Request(Body, [Header("Stripe-Signature", $"t=1700000000,v1={StripeHex}")]);
        verifier.Verify(request);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) verifier.Verify(request);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static FakeTimeProvider At(double unixSeconds) => new(DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Round(unixSeconds * 1000)));

    private static string Word(VerifyResult result) => result switch
    {
        VerifyResult.Passed { SecretPosition: { } position } => position.ToString(System.Globalization.CultureInfo.InvariantCulture),
        VerifyResult.Refused refused => refused.Reason.ToWord(),
        _ => "passed",
    };

    private sealed record Row(Hmac Scheme, string[] Secrets, (string Name, string Value)[] Headers, string Expected);
}

using HookGateway.Configuration;
using Hmac = HookGateway.Configuration.VerifyConfiguration.Hmac;

namespace HookGateway.UnitTests.Verify;

/// <summary>
/// What senders send, and what comes of it: the position of the secret that signed, or the reason of a refusal. The
/// signatures are of <see cref="Body"/> at 1700000000 under <c>secret</c> unless a case says otherwise, and were made with
/// Python's hmac.
/// </summary>
internal sealed record SignatureCase(Hmac Scheme, string[] Secrets, (string Name, string Value)[] Headers, string Expected)
{
    public const string Body = """{"type":"t","id":1}""";
    public const string Hex = "c5c08aaf98cc7f32bde7d91edb3f5af034817178723617a0f8b04ead29aa52ff";
    private const string OldHex = "7c7932ae2915b6f68508dfb1d7abbe0f82abcf055c2129622a3adb9fbc9d1bc4";
    public const string StripeHex = "ee094bab9b9a786c3ff47e3a5a383214b562ed5998d596f64dc3cabdb4583ae4";
    public const string OtherHex = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string UnicodeHex = "6acd32bd5d71456a8383e618522dbeef0a0299791c09688a5b07a01e44eaf1eb";
    private const string KeyedHex = "c90e4ea61e078e39e65908dcbde835c464fdfe847c7a99b5fe6ee50e11a8d2bf";
    private const string UrlKeyedHex = "20037232e97f11495d7f686f60976a9385462dc74423d955a9e43dad16d78078";
    private const string PathHex = "fa3a8a1a78d65dbeb0f32716a13c3528b78ee65fd231a03a46ee3cfd69a3c0f0";
    private const string KeyedBase64 = "yQ5Oph4HjjnmWQjcveg1xGT9/oR8epm1/m7lDhGo0r8=";
    private const string Sha512 = "OC1T5Zvfty1hq770W0k84qHkrDi0umwqxvrU_woJsQ48C9xHuluoJeGSPpy8BNLSk43vDYukB60979lsOnedKg";
    private const string ZendeskBase64 = "cBGn8HR+AUUCUFERwQgzLpdPfWRaMe8DGfZwSpoC2Lg=";
    private const string Base64 = "xcCKr5jMfzK959ke2z9a8DSBcXhyNheg+LBOrSmqUv8=";

    public static readonly Hmac SysAid = new() { Header = "X-Sysaid-Signature" };

    public static readonly Hmac Stripe = new()
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
        TimestampHeader = "X-Time",
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

    private static readonly Hmac Sha512Url = SysAid with { Hash = SignatureHash.Sha512, Encoding = TextEncoding.Base64Url };

    private static readonly Hmac Base64Keyed = SysAid with
    {
        Format = "HMAC {signature}",
        Encoding = TextEncoding.Base64,
        SecretEncoding = SecretEncoding.Base64,
    };

    private static readonly Hmac Identified = new() { Header = "X-Sig", Content = "{id}{body}", IdHeader = "X-Id" };

    public static IReadOnlyDictionary<string, SignatureCase> All { get; } = new Dictionary<string, SignatureCase>
    {
        ["sysaid"] = Of(SysAid, Hex, "0"),
        ["hex in upper case"] = Of(SysAid, Hex.ToUpperInvariant(), "0"),
        ["header name in another case"] = Of(SysAid, "", "0") with { Headers = [("x-sysaid-signature", Hex)] },
        ["second secret"] = Of(SysAid, Hex, "1") with { Secrets = ["old", "secret"] },
        ["first of two secrets"] = Of(SysAid, OldHex, "0") with { Secrets = ["old", "secret"] },
        ["both secrets signed"] = Of(SysAid, $"{Hex}, {OldHex}", "0") with { Secrets = ["old", "secret"] },
        ["one value of several"] = Of(SysAid, [OtherHex, Hex], "0"),
        ["wrong value, then an unreadable one"] = Of(SysAid, [OtherHex, "x"], "wrong_signature"),
        ["fifth value"] = Of(SysAid, [OtherHex, OtherHex, OtherHex, OtherHex, Hex], "wrong_signature"),
        ["sha1"] = Of(SysAid with { Hash = SignatureHash.Sha1 }, "d12523549e236ef01bd3a8cb5034c232152cd550", "0"),
        ["sha384 base64"] = Of(
            SysAid with { Hash = SignatureHash.Sha384, Encoding = TextEncoding.Base64 },
            "iGYmuoiCaO5aQWO/Qg4V+DYJvvBOdLCHrkrdP4sbIK/abbWdQz7BvcYdaELhRO9Y", "0"),
        ["sha512 base64url unpadded"] = Of(Sha512Url, Sha512, "0"),
        ["sha512 base64url padded"] = Of(Sha512Url, Sha512 + "==", "0"),
        ["base64 secret, prefix with a space"] = Of(Base64Keyed, $"HMAC {KeyedBase64}", "0") with { Secrets = ["AP8Q"] },
        ["hex secret"] = Of(SysAid with { SecretEncoding = SecretEncoding.Hex }, KeyedHex, "0") with { Secrets = ["00FF10"] },
        ["base64 unpadded"] = Of(Standard with { Format = "{signature}" }, Base64.TrimEnd('='), "0"),
        ["base64 padded by one too many"] = Of(Standard with { Format = "{signature}" }, Base64 + "=", "bad_signature_format"),
        ["base64url secret"] = Of(SysAid with { SecretEncoding = SecretEncoding.Base64Url }, UrlKeyedHex, "0") with { Secrets = ["whsec_-_8"] },
        ["path and query"] = Of(SysAid with { Content = "{method}{path}{body}" }, PathHex, "0"),
        ["secret and signed id beyond ASCII"] = Of(Identified, UnicodeHex, "0", ("X-Id", "é")) with { Secrets = ["schlüssel"] },

        ["no header"] = Of(SysAid, "", "no_signature") with { Headers = [] },
        ["empty header"] = Of(SysAid, "", "no_signature"),
        ["blank header"] = Of(SysAid, "  ", "no_signature"),
        ["another secret"] = Of(SysAid, Hex, "wrong_signature") with { Secrets = ["Secret"] },
        ["truncated"] = Of(SysAid, Hex[..^2], "bad_signature_format"),
        ["one digit too many"] = Of(SysAid, Hex + "0", "bad_signature_format"),
        ["base64 for hex"] = Of(SysAid, Base64, "bad_signature_format"),
        ["hex for base64"] = Of(SysAid with { Encoding = TextEncoding.Base64 }, Hex, "bad_signature_format"),
        ["prefix that is not asked for"] = Of(SysAid, "sha256=" + Hex, "bad_signature_format"),
        ["prefix missing"] = Of(SysAid with { Format = "sha256={signature}" }, Hex, "bad_signature_format"),
        ["header as long as may be"] = Of(SysAid, Hex + new string(',', 4096 - 64), "0"),
        ["header too long"] = Of(SysAid, Hex + new string(',', 4096 - 63), "bad_signature_format"),
        ["sixteenth signature"] = Of(SysAid, string.Join(',', [.. Enumerable.Repeat(OtherHex, 15), Hex]), "0"),
        ["seventeenth signature"] = Of(SysAid, string.Join(',', [.. Enumerable.Repeat(OtherHex, 16), Hex]), "wrong_signature"),

        ["stripe"] = Of(Stripe, $"t=1700000000,v1={StripeHex}", "0"),
        ["stripe, second v1"] = Of(Stripe, $"t=1700000000,v1={OtherHex},v1={StripeHex}", "0"),
        ["stripe, another order and unknown parts"] = Of(Stripe, $"v0={OtherHex}, v1={StripeHex}, x, t=1700000000", "0"),
        ["stripe, v1 only under another version"] = Of(Stripe, $"t=1700000000,v0={StripeHex}", "bad_signature_format"),
        ["stripe, no timestamp"] = Of(Stripe, $"v1={StripeHex}", "no_timestamp"),
        ["stripe, empty timestamp"] = Of(Stripe, $"t=,v1={StripeHex}", "no_timestamp"),
        ["stripe, another timestamp"] = Of(Stripe, $"t=1700000001,v1={StripeHex}", "wrong_signature"),
        ["stripe, negative timestamp"] = Of(Stripe, $"t=-1700000000,v1={StripeHex}", "bad_timestamp"),
        ["stripe, endless timestamp"] = Of(Stripe, $"t={new string('9', 400)},v1={StripeHex}", "bad_timestamp"),
        ["stripe, timestamp beyond the calendar"] = Of(Stripe, $"t=999999999999999,v1={StripeHex}", "bad_timestamp"),
        ["paddle"] = Of(
            Stripe with { Format = "ts={timestamp};h1={signature}", Content = "{timestamp}:{body}" },
            "ts=1700000000;h1=7a9ad0211630c60a07d23a67ae35ef6201243dc17517accdefde554624d27cca", "0"),
        ["by position"] = Of(Stripe with { Format = "{timestamp}.{signature}" }, $"1700000000.{StripeHex}", "0"),
        ["by position, the other way"] = Of(Stripe with { Format = "{signature},{timestamp}" }, $"{StripeHex},1700000000", "0"),

        ["standard webhooks, space separated"] = Of(Standard, $"v1a,AAAA v1,AAAA v1,{Base64}", "0"),
        ["standard webhooks, joined by a proxy"] = Of(Standard, $"v1,{Base64}, v1a,AAAA", "0"),
        ["standard webhooks, v1a only"] = Of(Standard, $"v1a,{Base64}", "bad_signature_format"),
        ["pagerduty list"] = Of(SysAid with { Format = "v1={signature}" }, $"v1={OtherHex},v1={Hex}", "0"),

        ["zendesk"] = Of(Zendesk, ZendeskBase64, "0", ("X-Time", "2023-11-14T22:13:20Z")),
        ["zendesk, its time checked"] = Of(
            Zendesk with { Tolerance = TimeSpan.Zero }, ZendeskBase64, "0", ("X-Time", "2023-11-14T22:13:20Z")),
        ["timestamp header missing"] = Of(Zendesk, Base64, "no_timestamp"),
        ["timestamp header empty"] = Of(Zendesk, Base64, "no_timestamp", ("X-Time", "")),
        ["timestamp header twice"] = Of(Zendesk, Base64, "bad_timestamp", ("X-Time", "1"), ("X-Time", "1")),
        ["timestamp header huge"] = Of(Zendesk, Base64, "bad_timestamp", ("X-Time", new string('1', 513))),
        ["hubspot"] = Of(HubSpot, "ewvPVnQ5C209DpYa2Y3CMWxNcrIuk2U/Q5Uemos1M/o=", "0", ("X-Time", "1700000000000")),
        ["id missing"] = Of(Identified, Hex, "no_id"),
        ["id twice"] = Of(Identified, Hex, "no_id", ("X-Id", "a"), ("X-Id", "a")),
    };

    private static SignatureCase Of(Hmac scheme, string signature, string expected, params (string Name, string Value)[] more) =>
        new(scheme, ["secret"], [(scheme.Header, signature), .. more], expected);

    private static SignatureCase Of(Hmac scheme, string[] signatures, string expected) =>
        new(scheme, ["secret"], [.. signatures.Select(signature => (scheme.Header, signature))], expected);
}

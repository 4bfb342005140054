using HookGateway.Configuration;
using HookGateway.Verify;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static HookGateway.UnitTests.Verify.Requests;

namespace HookGateway.UnitTests.Verify;

/// <summary>Signatures that the providers publish: none comes from our own code.</summary>
public sealed class PublishedVectorsTests
{
    public static TheoryData<string> Names => [.. Vectors.Keys];

    private static Dictionary<string, Vector> Vectors { get; } = new()
    {
        // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
        ["github"] = new(
            new() { Header = "X-Hub-Signature-256", Format = "sha256={signature}" },
            "It's a Secret to Everybody", "Hello, World!", 0,
            [("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]),

        // https://github.com/standard-webhooks/standard-webhooks, the example of its libraries
        ["standard-webhooks"] = new(
            new()
            {
                Header = "webhook-signature",
                Format = "v1,{signature}",
                Content = "{id}.{timestamp}.{body}",
                Encoding = TextEncoding.Base64,
                SecretEncoding = SecretEncoding.Base64,
                IdHeader = "webhook-id",
                TimestampHeader = "webhook-timestamp",
                Tolerance = TimeSpan.FromMinutes(5),
            },
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", """{"test": 2432232314}""", 1614265330,
            [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
                ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ]),

        // https://api.slack.com/authentication/verifying-requests-from-slack
        ["slack"] = new(
            new()
            {
                Header = "X-Slack-Signature",
                Format = "v0={signature}",
                Content = "v0:{timestamp}:{body}",
                TimestampHeader = "X-Slack-Request-Timestamp",
                Tolerance = TimeSpan.FromMinutes(5),
            },
            "8f742231b10e8888abcd99yyyzzz85a5",
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
            + "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
            + "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
            1531420618,
            [
                ("X-Slack-Request-Timestamp", "1531420618"),
                ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ]),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void PublishedExample_Passes(string name)
    {
        var vector = Vectors[name];

        Assert.Equal(new VerifyResult.Passed(0), Verify(vector, vector.Body));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PublishedExample_WithAnotherBody_IsAWrongSignature(string name)
    {
        var vector = Vectors[name];

        Assert.Equal(new VerifyResult.Refused(RefusalReason.WrongSignature), Verify(vector, vector.Body + " "));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Signer_MakesThePublishedExample(string name)
    {
        var vector = Vectors[name];
        var expected = vector.Headers.ToDictionary(header => header.Name, header => header.Value);
        var signer = new RequestSigner(Source(vector.Scheme, vector.Secret));

        var headers = signer.Sign(
            "POST", Url, System.Text.Encoding.UTF8.GetBytes(vector.Body), DateTimeOffset.FromUnixTimeSeconds(vector.Time),
            expected.GetValueOrDefault("webhook-id"));

        Assert.Equal(expected, headers.ToDictionary());
    }

    private static VerifyResult Verify(Vector vector, string body)
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(vector.Time));
        var verifier = new SourceVerifier(Source(vector.Scheme, vector.Secret), time);
        return verifier.Verify(Request(body, vector.Headers.Select(header => Header(header.Name, header.Value))));
    }

    private sealed record Vector(
        VerifyConfiguration.Hmac Scheme, string Secret, string Body, long Time, (string Name, string Value)[] Headers);
}

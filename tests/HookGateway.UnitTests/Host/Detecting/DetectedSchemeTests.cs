using System.Security.Cryptography;
using System.Text;
using HookGateway.Host.Detecting;
using HookGateway.UnitTests.Verify;
using Xunit;

namespace HookGateway.UnitTests.Host.Detecting;

/// <summary>The proof: what the gateway's own reader and verifier say to the YAML, whatever the search believed.</summary>
public sealed class DetectedSchemeTests
{
    private static readonly CapturedRequest Request = CaptureReader.Parse(
        Encoding.UTF8.GetBytes($"POST / HTTP/1.1\nX-Sig: {SignatureCase.Hex}\n\n{SignatureCase.Body}"), null);

    [Theory]
    [InlineData("X-Sig", "{signature}", "{body}", "secret", null)]
    [InlineData("X-Sig", "{signature}", "{body}", "another", "wrong_signature")]
    [InlineData("X-Other", "{signature}", "{body}", "secret", "no_signature")]
    [InlineData("X-Sig", "v1={signature}", "{body}", "secret", "bad_signature_format")]
    [InlineData("X Sig", "{signature}", "{body}", "secret", "it is no configuration: sources.captured.verify.hmac.header: expected the name of a header, not 'X Sig'")]
    [InlineData("X-Sig", "{signature}", "{bdy}", "secret", "it is no configuration: sources.captured.verify.hmac.content: unknown placeholder; did you mean 'body'?")]
    public void Refusal_IsTheGatewaysOwn(string header, string format, string content, string secret, string? refusal)
    {
        var place = SignaturePlace.Of(Request)[0] with { Name = header, Format = format };
        var match = new SchemeMatch(
            place, SecretReading.Exact(secret)[0], new BodyReading(Request.Body, null), HashAlgorithmName.SHA256, content,
            null, null, Request.Urls[0]);

        Assert.Equal(refusal, new DetectedScheme(match, secret).Refusal(Request.ToReceived(Request.Urls[0])));
    }
}

using System.Security.Cryptography;
using System.Text;
using HookGateway.Host.Detecting;
using Xunit;

namespace HookGateway.UnitTests.Host.Detecting;

/// <summary>What is said where no scheme verifies, from what the request shows.</summary>
public sealed class DiagnosisTests
{
    private const string Secret = "hunter2hunter2";
    private const string Body = "{\"a\": 1,\n \"b\": \"x  y\"}";

    [Theory]
    [InlineData("the body stood without the line ends and spaces around it", Body, Body + "\r\n")]
    [InlineData("the body ended with a line end (LF)", Body + "\n", Body)]
    [InlineData("the body ended with a line end (CR LF)", Body + "\r\n", Body)]
    [InlineData("the body had line ends of LF, not CR LF", Body, "{\"a\": 1,\r\n \"b\": \"x  y\"}")]
    [InlineData("the body had line ends of CR LF, not LF", "{\"a\": 1,\r\n \"b\": \"x  y\"}", Body)]
    [InlineData("the body began without a byte order mark", Body, "\uFEFF" + Body)]
    [InlineData("the body were JSON without spaces between its values", "{\"a\":1,\"b\":\"x  y\"}", Body)]
    public void Body_ThatWasChangedOnTheWay_IsToldByWhatUndoesIt(string flaw, string sent, string captured) =>
        Assert.Contains(Remarks($"X-Sig: {Sign(sent)}", captured), remark => remark.StartsWith($"It would verify if {flaw}", StringComparison.Ordinal));

    [Theory]
    [InlineData(" hunter2hunter2\n", "the secret stood without the spaces and line ends around it")]
    [InlineData("\"hunter2hunter2\"", "the secret stood without the quotes around it")]
    [InlineData("whsec_hunter2hunter2", "the secret stood without whsec_ before it")]
    public void Secret_ThatWasCopiedWrongly_IsToldByWhatRightsIt(string secret, string flaw)
    {
        var remark = Assert.Single(Remarks($"X-Sig: {Sign(Body)}", Body, secret));

        Assert.StartsWith($"It would verify if {flaw}", remark);
        Assert.DoesNotContain(Secret, remark);
    }

    [Fact]
    public void Secret_OfAFileWithItsLineEnd_IsTold() => Assert.StartsWith(
        "It would verify if the secret had a line end at its end",
        Assert.Single(Remarks($"X-Sig: {Sign(Body, Secret + "\n")}", Body)));

    [Theory]
    [InlineData("X-Token: hunter2hunter2", "X-Token holds the secret itself, a shared token")]
    [InlineData("Authorization: Bearer hunter2hunter2", "Authorization holds the secret as a bearer token")]
    [InlineData("Authorization: Basic dXNlcjpodW50ZXIyaHVudGVyMg==", "Authorization holds the secret as basic authentication")]
    public void SecretItself_IsToldAsWhatItIs(string header, string told) => Assert.StartsWith(told, Assert.Single(Remarks(header, Body)));

    [Fact]
    public void QueryHoldsTheSecret_IsTold() =>
        Assert.StartsWith("The query's token holds the secret itself", Assert.Single(Remarks("X: y", Body, target: $"/?token={Secret}")));

    [Fact]
    public void SchemeThatVerifyCannotExpress_IsToldAndNotPrinted()
    {
        // Made with Python's hmac.
        const string Md5 = "e4783270d2fecfbf14cfcfdd0c03beb8";

        Assert.StartsWith("The signature is right, but by a scheme that verify cannot express: MD5 (", Assert.Single(Remarks($"X-Sig: {Md5}", Body)));
        Assert.StartsWith(
            "The signature is right, but by a scheme that verify cannot express: a signature in the query (sig) (",
            Assert.Single(Remarks("X: y", Body, target: $"/hooks?sig={Sign(Body)}")));
        Assert.StartsWith(
            "The signature is right, but by a scheme that verify cannot express: a timestamp in the query (ts) (",
            Assert.Single(Remarks($"X-Sig: {Sign("1700000000." + Body)}", Body, target: "/hooks?ts=1700000000")));
        Assert.StartsWith(
            "The signature is right, but by a scheme that verify cannot express: the address is signed without its query (",
            Assert.Single(Remarks($"X-Sig: {Sign("/hooks" + Body)}", Body, target: "/hooks?a=b")));
    }

    [Theory]
    [InlineData("body and secret", Body + Secret)]
    [InlineData("secret and body", Secret + Body)]
    [InlineData("the body alone, which proves nothing", Body)]
    public void PlainHash_IsToldAsNone(string of, string hashed) => Assert.Equal(
        [$"X-Sig is a plain hash of {of}, no HMAC: verify cannot express it."],
        Remarks($"X-Sig: {Convert.ToHexStringLower(SHA256.HashData(Bytes(hashed)))}", Body));

    [Fact]
    public void Ed25519AndRsa_AreToldByTheirLength()
    {
        Assert.Contains(Remarks($"X-Signature-Ed25519: {new string('a', 128)}", Body), remark => remark.StartsWith("X-Signature-Ed25519 holds 64 bytes: as long as an Ed25519", StringComparison.Ordinal));
        Assert.Contains(Remarks($"X-Sig: {Convert.ToBase64String(new byte[256])}", Body), remark => remark.StartsWith("X-Sig holds 256 bytes: as long as an RSA", StringComparison.Ordinal));
    }

    [Fact]
    public void NoSignature_NamesTheHeadersThatWereSeen() => Assert.Equal(
        ["No header looks like a signature. Seen: Host, X-Request-Id."], Remarks($"Host: h\nX-Request-Id: {Guid.Empty:N}", Body));

    [Fact]
    public void WrongSecret_NamesWhatLooksLikeTheSignature()
    {
        var remarks = Remarks($"X-Sig: sha256={Sign(Body)}", Body, "another");

        Assert.StartsWith("X-Sig looks like a signature (32 bytes, as SHA256 gives)", remarks[0]);
        Assert.StartsWith("Either the secret is another", remarks[1]);
    }

    [Fact]
    public void CaptureThatIsNotWhole_IsToldFirst() => Assert.Equal(
        "Content-Length says 400 bytes, but the body has 22: it was not captured as it was sent.",
        Remarks($"X-Sig: {Sign("another")}\nContent-Length: 400", Body)[0]);

    private static IReadOnlyList<string> Remarks(string headers, string body, string secret = Secret, string target = "/hooks")
    {
        var capture = $"POST {target} HTTP/1.1\n{headers}\n\n{body}";
        var detection = SignatureDetector.Detect(CaptureReader.Parse(Bytes(capture), null), secret);
        Assert.Empty(detection.Schemes);
        return detection.Remarks;
    }

    private static string Sign(string content, string secret = Secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Bytes(secret), Bytes(content)));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

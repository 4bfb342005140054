using System.Text;
using CsCheck;
using HookGateway.Host.Detecting;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Host.Detecting;

public sealed class CaptureReaderTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Raw_KeepsMethodUrlHeadersAndBody()
    {
        var request = Parse("PUT http://h.example:81/p?q=1 HTTP/1.1\r\nHost: other\r\nX-A:  1 \r\nX-A: 2\r\n\r\na\r\nb");

        Assert.Equal(("PUT", "http://h.example:81/p?q=1"), (request.Method, Assert.Single(request.Urls).OriginalString));
        Assert.Equal("1,2", request.Headers["X-A"].ToString());
        Assert.Equal("a\r\nb", Text(request));
        Assert.Equal("1", request.Query["q"]);
    }

    [Fact]
    public void Raw_WithoutAScheme_MayBeBoth() => Assert.Equal(
        ["https://h.example/p", "http://h.example/p"], Parse("POST /p HTTP/1.1\nHost: h.example\n\n").Urls.Select(url => url.OriginalString));

    [Fact]
    public void Raw_WithoutARequestLine_IsAPost() => Assert.Equal("POST", Parse("X-Sig: 1\n\n{}").Method);

    [Theory]
    [InlineData("Content-Length: 2", "{}\n", "{}", null)]
    [InlineData("Content-Length: 2", "{}garbage", "{}", "Content-Length says 2 bytes, and 9 follow the headers: only the first 2 were taken.")]
    [InlineData("Content-Length: 5", "{}", "{}", "Content-Length says 5 bytes, but the body has 2: it was not captured as it was sent.")]
    [InlineData("Transfer-Encoding: chunked", "2\n{}\n0\n\n", "{}", null)]
    [InlineData("Transfer-Encoding: chunked", "{}", "{}", "Transfer-Encoding says chunked, but the body is not in chunks: it was taken as it stands.")]
    public void Raw_BodyOfAnotherLength_IsDoubted(string header, string rest, string body, string? doubt)
    {
        var request = Parse($"POST / HTTP/1.1\n{header}\n\n{rest}");

        Assert.Equal(body, Text(request));
        Assert.Equal(doubt is null ? [] : [doubt], request.Doubts);
    }

    [Fact]
    public void Har_WithSeveralPosts_WantsOneNamed()
    {
        const string Har = """
            {"log": {"entries": [
              {"request": {"method": "POST", "url": "https://a.example/1", "headers": [], "postData": {"text": "one"}}},
              {"request": {"method": "GET", "url": "https://a.example/2", "headers": []}},
              {"request": {"method": "POST", "url": "https://a.example/3", "headers": [], "bodySize": 9, "postData": {"text": "dGhyZWU=", "encoding": "base64"}}}
            ]}}
            """;

        Assert.Equal("it has 2 POSTs: name one with --entry N, one of 1, 3", Assert.Throws<FormatException>(() => Parse(Har)).Message);
        Assert.Equal("it has 3 entries: there is no --entry 4", Assert.Throws<FormatException>(() => Parse(Har, 4)).Message);
        Assert.Equal("one", Text(Parse(Har, 1)));
        Assert.Equal(("three", "https://a.example/3"), (Text(Parse(Har, 3)), Parse(Har, 3).Urls[0].OriginalString));
        Assert.Equal(["The HAR says that 9 bytes were sent, but its body has 5: it was not captured as it was sent."], Parse(Har, 3).Doubts);
    }

    [Theory]
    [InlineData("curl h.example -d 'a b' -d c", "POST http://h.example/ a b&c")]
    [InlineData("curl -XPUT \"https://h.example/\\\"x\" --data-raw=@x", "PUT https://h.example/%22x @x")]
    [InlineData("$ curl -sSL 'https://h.example/' \\\r\n  --json '{}'", "POST https://h.example/ {}")]
    [InlineData("curl https://h.example/ --data-raw $'\\u00e9\\x41\\n\\'\\\\'", "POST https://h.example/ éA\n'\\")]
    [InlineData("curl https://h.example/ -o out -m 5", "GET https://h.example/ ")]
    public void Curl_IsReadAsCurlReadsIt(string line, string expected)
    {
        var request = Parse(line);

        Assert.Equal(expected, $"{request.Method} {request.Urls[0].AbsoluteUri} {Text(request)}");
    }

    [Fact]
    public void Curl_Headers_AreReadAsCurlReadsThem()
    {
        var request = Parse("curl h -H 'X-A: 1' --header \"X-B;\" -H 'X-C:' -u me:pw -A agent");

        Assert.Equal(
            new Dictionary<string, string> { ["X-A"] = "1", ["X-B"] = "", ["Authorization"] = "Basic bWU6cHc=", ["User-Agent"] = "agent" },
            request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()));
    }

    [Theory]
    [InlineData("--data-binary", "a\r\nb\n")]
    [InlineData("-d", "ab")]
    public void Curl_BodyOfAFile_IsReadAsCurlReadsIt(string option, string body) =>
        Assert.Equal(body, Text(Parse($"curl h {option} '@{_files.Write("body", "a\r\nb\n")}'")));

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData(" \r\n", "it is empty")]
    [InlineData("no request at all", "expected raw HTTP")]
    [InlineData("POST / HTTP/1.1\nX-A: 1\nnot a header\n", "what follows 1 headers is none")]
    [InlineData("{\"log\": ", "it begins as a HAR does, and is none")]
    [InlineData("{\"a\": 1}", "it is JSON without log.entries: no HAR")]
    [InlineData("curl 'https://h", "a quote is not closed")]
    [InlineData("curl -d x", "the curl command line names no URL")]
    [InlineData("curl h -d", "curl's -d has no value")]
    [InlineData("curl h -d @-", "curl's body comes from standard input")]
    [InlineData("curl h --data-urlencode a=b", "curl's --data-urlencode is not understood")]
    public void WhatIsNoRequest_IsRefusedWithTheReason(string text, string reason) =>
        Assert.StartsWith(reason, Assert.Throws<FormatException>(() => Parse(text)).Message);

    [Fact]
    public void Entry_OfNoHar_IsRefused() => Assert.Throws<FormatException>(() => Parse("X: y\n\n", 1));

    [Fact]
    public void MoreThanTheMost_IsRefused()
    {
        Assert.Throws<FormatException>(() => Parse(string.Concat(Enumerable.Repeat("X: y\n", CapturedRequest.MaxHeaders + 1))));
        var large = _files.File("large");
        File.WriteAllBytes(large, new byte[CaptureReader.MaxBytes + 1]);
        Assert.Throws<FormatException>(() => CaptureReader.Read(large, null));
        Assert.Throws<FormatException>(() => Parse($"curl h --data-binary @{large}"));
    }

    [Fact]
    public void Garbage_IsReadOrRefused_AndNeverThrowsOtherwise()
    {
        string[] starts = ["", "POST / HTTP/1.1\n", "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n", "{\"log\":{\"entries\":[{\"request\":", "curl h ", "curl h --data-raw $'", "X-Sig: sha256=", "X-Sig: t=1700000000,v1="];
        var pieces = Gen.OneOf(
            Gen.Char["{}[]\":,\\'@$ =;-_ux0123456789abcdefZ+/\r\n\t%é\0"].Array[0, 60].Select(text => new string(text)),
            Gen.String[0, 20], Gen.Byte.Array[0, 60].Select(Convert.ToBase64String));
        Gen.Select(Gen.Int[0, starts.Length - 1], pieces, pieces, pieces).Sample((start, first, second, third) =>
        {
            var text = $"{starts[start]}{first}\n{second}: {third}\n\n{first}";
            try
            {
                SignatureDetector.Detect(Parse(text), second + "s");
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                Assert.NotEqual("", e.Message);
            }
        }, iter: 1000);
    }

    private static CapturedRequest Parse(string text, int? entry = null) => CaptureReader.Parse(Encoding.UTF8.GetBytes(text), entry);

    private static string Text(CapturedRequest request) => Encoding.UTF8.GetString(request.Body);
}

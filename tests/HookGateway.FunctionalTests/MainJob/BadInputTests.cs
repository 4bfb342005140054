using System.Globalization;
using System.Text;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.MainJob;

/// <summary>What an outsider may send: never a 5xx, never delivered, and the next good event works.</summary>
public sealed class BadInputTests(SysAidGateway fixture) : IClassFixture<SysAidGateway>, IAsyncLifetime
{
    private int _before;

    public static TheoryData<string, string, int> SignedBodies => new()
    {
        { "empty", "", 400 },
        { "no JSON", "hello", 400 },
        { "truncated", """{"id":"bad","eventName":"sr.created","srId":14""", 400 },
        { "two values", """{"id":"bad","eventName":"sr.created"} {}""", 400 },
        { "no event name", """{"id":"bad"}""", 400 },
        { "empty event name", """{"id":"bad","eventName":""}""", 400 },
        { "event name with a line end", """{"id":"bad","eventName":"sr.created\r\nX-Evil: 1"}""", 400 },
        { "event name is an object", """{"id":"bad","eventName":{}}""", 400 },
        { "20,000 levels of arrays", new string('[', 20_000), 400 },
        { "20,000 levels, closed", new string('[', 20_000) + new string(']', 20_000), 400 },
        { "20,000 levels of objects", string.Concat(Enumerable.Repeat("{\"a\":", 10_000)), 400 },
        { "trailing comma", """{"id":"bad","eventName":"sr.created",}""", 400 },
        { "larger than the limit", "{\"id\":\"bad\",\"eventName\":\"sr.created\",\"x\":\"" + new string('x', 64 * 1024) + "\"}", 413 },
    };

    public ValueTask InitializeAsync()
    {
        _before = fixture.Audit.Arrivals.Count;
        return ValueTask.CompletedTask;
    }

    /// <summary>After every case: the next good event works, and nothing but it was delivered.</summary>
    public async ValueTask DisposeAsync()
    {
        var answer = await fixture.Sender.SendAsync(SysAidEvent.Created(1));
        Assert.Equal(202, answer.Status);
        var arrivals = await fixture.Audit.WaitForAsync(all => all.Any(arrival => arrival.WebhookId == answer.Id));
        Assert.Equal(answer.Id, Assert.Single(arrivals.Skip(_before)).WebhookId);
    }

    [Theory]
    [MemberData(nameof(SignedBodies))]
    public async Task Body_NotAsTheSourceNeedsIt_IsRefusedWithWhatIsWrong(string what, string body, int status)
    {
        var answer = await fixture.Sender.SendAsync(Encoding.UTF8.GetBytes(body));

        Assert.True(answer.Status == status, $"{what}: {answer.Status} {answer.Body}");
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
    }

    [Fact]
    public async Task Body_InvalidUtf8_IsRefused()
    {
        byte[] body = [.. "{\"id\":\"bad\",\"eventName\":\"sr.created\",\"x\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}"u8];

        Assert.Equal(400, (await fixture.Sender.SendAsync(body)).Status);
    }

    [Theory]
    [InlineData("Content-Type", "application/xml", 415)]
    [InlineData("Content-Type", "application/json; charset=utf-16", 415)]
    [InlineData("Content-Type", "nonsense", 415)]
    [InlineData("Content-Encoding", "gzip", 415)]
    public async Task Header_OfABodyThatCannotBeRead_IsRefused(string name, string value, int status) =>
        Assert.Equal(status, (await fixture.Sender.SendAsync(SysAidEvent.Created(2), (name, value))).Status);

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("not hex at all")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    public async Task Signature_OfAnotherForm_IsRefusedWithoutSayingWhy(string signature)
    {
        var answer = await fixture.Sender.PostAsync(SysAidEvent.Created(3), (SysAidSender.SignatureHeader, signature));

        Assert.Equal(401, answer.Status);
        Assert.Contains("could not be verified", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signature_Absent_IsRefused() => Assert.Equal(401, (await fixture.Sender.PostAsync(SysAidEvent.Created(3))).Status);

    [Fact]
    public async Task Address_NotAllowed_IsRefusedLikeAForgery()
    {
        using var sender = new SysAidSender(new Uri(fixture.Gateway.HttpsUrl, "/hooks/elsewhere"), SysAidGateway.Secret);

        var answer = await sender.SendAsync(SysAidEvent.Created(4));

        Assert.Equal(401, answer.Status);
        Assert.Contains("could not be verified", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(301)]
    public async Task Timestamp_BeyondTheTolerance_IsRefused(int seconds)
    {
        var body = """{"type":"paid"}"""u8.ToArray();
        var timestamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + (seconds < 0 ? seconds - 5 : seconds + 5);
        using var sender = new SysAidSender(new Uri(fixture.Gateway.HttpsUrl, "/hooks/timed"), SysAidGateway.Secret);
        var signature = sender.Sign([.. Encoding.ASCII.GetBytes($"{timestamp}."), .. body]);

        Assert.Equal(401, (await sender.PostAsync(body, ("X-Signature", $"t={timestamp},v1={signature}"))).Status);
    }

    [Theory]
    [InlineData("GET", "/hooks/sysaid", 405)]
    [InlineData("PUT", "/hooks/sysaid", 405)]
    [InlineData("DELETE", "/hooks/sysaid", 405)]
    [InlineData("POST", "/hooks/nobody", 404)]
    [InlineData("POST", "/", 404)]
    [InlineData("GET", "/health/ready", 404)]
    [InlineData("GET", "/metrics", 404)]
    [InlineData("POST", "/hooks/sysaid/../../metrics", 404)]
    public async Task Request_WrongMethodOrPath_IsRefused(string method, string path, int status)
    {
        var answer = await RawHttp.SendAsync(
            fixture.Gateway.HttpUrl, $"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 405, answer.Headers.TryGetValue("Allow", out var allow) && allow == "POST");
    }

    [Theory]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: 1x\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n")]
    [InlineData("Bad Header: 1\r\n")]
    [InlineData(": no name\r\n")]
    [InlineData("X: a\r\n continued\r\nContent-Length: 0\r\n")]
    public async Task Head_OfNoGoodHttp_IsRefused(string headers)
    {
        var answer = await RawHttp.SendAsync(
            fixture.Gateway.HttpUrl, $"POST /hooks/sysaid HTTP/1.1\r\nHost: x\r\n{headers}\r\n");

        Assert.InRange(answer.Status, 400, 499);
    }

    [Fact]
    public async Task Head_BothLengthAndChunks_IsRefused()
    {
        var body = SysAidEvent.Text(SysAidEvent.Created(5));
        var answer = await RawHttp.SendAsync(
            fixture.Gateway.HttpUrl,
            Head("/hooks/sysaid", body, $"Content-Length: {body.Length}\r\nTransfer-Encoding: chunked\r\n") + Chunk(body) + "0\r\n\r\n");

        Assert.Equal(400, answer.Status);
    }

    [Fact]
    public async Task Head_TooLarge_IsRefused()
    {
        var answer = await RawHttp.SendAsync(
            fixture.Gateway.HttpUrl, $"POST /hooks/sysaid HTTP/1.1\r\nHost: x\r\nX: {new string('x', 40_000)}\r\n\r\n");

        Assert.Equal(431, answer.Status);
    }

    [Theory]
    [InlineData("zz\r\nhello\r\n0\r\n\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n")]
    public async Task Chunks_Malformed_AreRefused(string chunks)
    {
        var answer = await RawHttp.SendAsync(
            fixture.Gateway.HttpUrl, Head("/hooks/sysaid", "hello", "Transfer-Encoding: chunked\r\n") + chunks);

        Assert.InRange(answer.Status, 400, 499);
    }

    [Fact]
    public async Task Chunks_MoreThanTheLimit_AreRefused()
    {
        var chunk = Chunk(new string('x', 10_000));
        var answer = await RawHttp.SendAsync(
            fixture.Gateway.HttpUrl,
            Head("/hooks/sysaid", "", "Transfer-Encoding: chunked\r\n") + string.Concat(Enumerable.Repeat(chunk, 10)) + "0\r\n\r\n");

        Assert.Equal(413, answer.Status);
    }

    [Fact]
    public async Task Body_CutOff_StoresNothing()
    {
        var body = SysAidEvent.Text(SysAidEvent.Created(6));
        var answer = await RawHttp.SendAsync(
            fixture.Gateway.HttpUrl, Head("/hooks/sysaid", body, $"Content-Length: {body.Length}\r\n") + body[..20], halfClose: true);

        Assert.True(answer.Status is 0 or 400, answer.Status.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Header_XContentLengthOfTheSendersOwn_IsNoSmuggling()
    {
        const string body = "{}";
        var head = Head("/hooks/sysaid", body, $"X-Content-Length: 5\r\nContent-Length: {body.Length}\r\n");

        var answer = await RawHttp.SendAsync(fixture.Gateway.HttpUrl, head + body);

        Assert.Contains("no name", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Header_HostOfNoGoodForm_IsNoServersError()
    {
        var body = SysAidEvent.Text(SysAidEvent.Updated(7, "a", "b"));
        var head = Head("/hooks/nobody", body, $"Content-Length: {body.Length}\r\n").Replace("Host: x", "Host: [::1", StringComparison.Ordinal);

        Assert.InRange((await RawHttp.SendAsync(fixture.Gateway.HttpUrl, head + body)).Status, 400, 499);
    }

    private string Head(string path, string body, string headers) =>
        $"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + $"X-Sysaid-Signature: {fixture.Sender.Sign(Encoding.UTF8.GetBytes(body))}\r\n{headers}\r\n";

    private static string Chunk(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{text.Length:x}\r\n{text}\r\n");
}

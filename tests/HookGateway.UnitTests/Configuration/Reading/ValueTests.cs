using System.Net;
using HookGateway.Configuration.Reading;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Reading;

public sealed class ValueTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("0s", 0)]
    public void Duration_NumberAndUnit_IsRead(string text, double milliseconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("1s\n")]
    [InlineData("1h30m")]
    [InlineData(".5s")]
    [InlineData("1w")]
    [InlineData("1S")]
    [InlineData("999999999999d")]
    public void Duration_AnythingElse_IsNone(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("500ms")]
    [InlineData("90s")]
    [InlineData("10m")]
    [InlineData("36h")]
    [InlineData("30d")]
    public void Duration_Written_IsAsItWasRead(string text)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(text, Duration.Format(duration));
    }

    [Theory]
    [InlineData("1B", 1)]
    [InlineData("64KiB", 65536)]
    [InlineData("1.5MiB", 1572864)]
    [InlineData("64KB", 64000)]
    [InlineData("2MB", 2_000_000)]
    [InlineData("1GiB", 1073741824)]
    public void ByteSize_NumberAndUnit_IsRead(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("1024")]
    [InlineData("1 MiB")]
    [InlineData("1mib")]
    [InlineData("-1B")]
    [InlineData("1TiB")]
    public void ByteSize_AnythingElse_IsNone(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("localhost:80", "127.0.0.1:80")]
    [InlineData("[::1]:65535", "[::1]:65535")]
    public void EndPoint_HostAndPort_IsRead(string text, string expected)
    {
        Assert.True(NetworkAddress.TryParseEndPoint(text, out var endPoint));
        Assert.Equal(expected, endPoint.ToString());
    }

    [Fact]
    public void EndPoint_Star_IsEveryAddress()
    {
        Assert.True(NetworkAddress.TryParseEndPoint("*:8443", out var endPoint));
        Assert.True(endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any));
    }

    [Theory]
    [InlineData("8080")]
    [InlineData(":8080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:+1")]
    [InlineData("127.1:80")]
    [InlineData("010.0.0.1:80")]
    [InlineData("::1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("example.com:80")]
    [InlineData("http://127.0.0.1:80")]
    public void EndPoint_AnythingElse_IsNone(string text) => Assert.False(NetworkAddress.TryParseEndPoint(text, out _));

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("203.0.113.7", "203.0.113.7/32")]
    [InlineData("fd00::/8", "fd00::/8")]
    [InlineData("::1", "::1/128")]
    public void Network_CidrOrAddress_IsRead(string text, string expected)
    {
        Assert.True(NetworkAddress.TryParseNetwork(text, out var network));
        Assert.Equal(expected, network.ToString());
    }

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("all")]
    public void Network_AnythingElse_IsNone(string text) => Assert.False(NetworkAddress.TryParseNetwork(text, out _));

    [Theory]
    [InlineData("127.0.0.1:80", "127.0.0.1:80", true)]
    [InlineData("0.0.0.0:80", "127.0.0.1:80", true)]
    [InlineData("127.0.0.1:80", "[::]:80", true)]
    [InlineData("127.0.0.1:80", "127.0.0.2:80", false)]
    [InlineData("127.0.0.1:80", "127.0.0.1:81", false)]
    [InlineData("0.0.0.0:80", "[::1]:80", false)]
    [InlineData("127.0.0.1:0", "127.0.0.1:0", false)]
    public void EndPoints_SamePortOfSameAddress_Overlap(string a, string b, bool overlap) =>
        Assert.Equal(overlap, NetworkAddress.Overlap(IPEndPoint.Parse(a), IPEndPoint.Parse(b)));

    [Theory]
    [InlineData("eventName", true)]
    [InlineData("a.b[0].c", true)]
    [InlineData("'a constant'", true)]
    [InlineData("updates[?fieldName=='x'].currentValue | [0]", true)]
    [InlineData("header:X-GitHub-Event", true)]
    [InlineData("query:topic", true)]
    [InlineData("form:MessageSid", true)]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData("a[", false)]
    [InlineData("nofunction(@)", false)]
    [InlineData("`{`", false)]
    [InlineData("header:", false)]
    [InlineData("header:X Y", false)]
    [InlineData("query:", false)]
    [InlineData("cookie:x", false)]
    public void Expression_Text_IsPlaceOrJmesPath(string text, bool isValid) => Assert.Equal(isValid, ExpressionSyntax.IsValid(text));

    [Fact]
    public void Expression_OfAnyLength_IsBounded()
    {
        Assert.True(ExpressionSyntax.IsValid(new string('(', 499) + "aa" + new string(')', 499)));
        Assert.False(ExpressionSyntax.IsValid(new string('a', 1001)));
    }

    [Theory]
    [InlineData("htps", "; did you mean 'https'?")]
    [InlineData("HTTPS", "; did you mean 'https'?")]
    [InlineData("htp", "; did you mean 'http'?")]
    [InlineData("htpts", "; did you mean 'https'?")]
    [InlineData("admn", "; did you mean 'admin'?")]
    [InlineData("colour", "; known: http, https, admin")]
    public void Suggestion_OfMisspeltWord_IsTheNearOneOrAll(string given, string expected) =>
        Assert.Equal(expected, Suggestion.For(given, ["http", "https", "admin"], "key"));
}

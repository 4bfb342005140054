using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.Deliver.Outbound;

public sealed class RequestCredentialsTests
{
    [Theory]
    [InlineData("auth: { basic: { username: Aladdin, password: \"open sesame\" } }", "Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "/hook")]
    [InlineData("auth: { basic: { username: u } }", "Authorization", "Basic dTo=", "/hook")]
    [InlineData("auth: { bearer: \"${SECRET}\" }", "Authorization", "Bearer top-secret", "/hook")]
    [InlineData("auth: { apiKey: { header: X-Key, value: k1 } }", "X-Key", "k1", "/hook")]
    [InlineData("auth: { apiKey: { query: api key, value: \"a&b=c\" } }", "Authorization", null, "/hook?api%20key=a%26b%3Dc")]
    [InlineData("timeout: 5s", "Authorization", null, "/hook")]
    public async Task Send_Auth_ArrivesAsItsStandardSays(string auth, string header, string? value, string path)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var outbox = Outbox.To(receiver.Url.Port, more: auth);

        Assert.Equal(200, (await outbox.SendAsync()).StatusCode);

        var arrival = Assert.Single(receiver.Arrivals);
        Assert.Equal((value, path), (arrival.Header(header), arrival.Path));
    }

    [Fact]
    public async Task Send_KeyInAQueryThatIsThere_IsAdded()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var outbox = Outbox.Of($"url: \"{receiver.Url}?a=b\"\nauth: {{ apiKey: {{ query: key, value: k }} }}");

        await outbox.SendAsync();

        Assert.Equal("/hooks?a=b&key=k", Assert.Single(receiver.Arrivals).Path);
    }

    [Theory]
    [InlineData("auth: { basic: { username: top, password: top-secret } }")]
    [InlineData("auth: { bearer: top-secret }")]
    [InlineData("auth: { apiKey: { query: key, value: top-secret } }")]
    [InlineData("auth: { oauth2: { tokenUrl: https://id/secret, clientId: top-secret, clientSecret: top-secret } }")]
    public async Task Auth_AsText_ShowsNoSecret(string auth)
    {
        await using var outbox = Outbox.Of($"url: http://127.0.0.1:1/\n{auth}");

        Assert.DoesNotContain("secret", outbox.Destination.Auth!.ToString(), StringComparison.Ordinal);
    }
}

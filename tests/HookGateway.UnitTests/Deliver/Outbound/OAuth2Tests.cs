using System.Globalization;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver.Outbound;

/// <summary>Client credentials, against a real token endpoint and a real downstream.</summary>
public sealed class OAuth2Tests : IAsyncLifetime
{
    private const string ClientId = "me: ä/+";
    private const string Secret = "s3cret%:& +";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private Receiver _receiver = null!;
    private TokenServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _server = await TokenServer.StartAsync(ClientId, [Secret]);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Theory]
    [InlineData("basic")]
    [InlineData("body")]
    public async Task Send_OAuth2_CarriesATokenThatWasAskedForByTheStandard(string clientAuth)
    {
        await using var outbox = OutboxOf($"clientAuth: {clientAuth}, scope: \"a b\", audience: hooks, parameters: {{ resource: r }}");

        Assert.Equal(200, (await outbox.SendAsync()).StatusCode);

        Assert.Equal("Bearer token-1", Assert.Single(_receiver.Arrivals).Header("Authorization"));
        var asked = Assert.Single(_server.Requests);
        Assert.Equal(clientAuth == "basic", asked.Authorization is not null);
        Assert.Equal((ClientId, Secret), asked.Client);
        Assert.Equal(("a b", "hooks", "r"), (asked.Form["scope"], asked.Form["audience"], asked.Form["resource"]));
    }

    [Fact]
    public async Task Send_ManyAtOnce_AskForOneToken()
    {
        var gate = new TaskCompletionSource();
        _server.Gate = gate.Task;
        await using var outbox = OutboxOf();

        var sending = Enumerable.Range(0, 16).Select(_ => outbox.SendAsync()).ToArray();
        await Wait.UntilAsync(() => _server.Requests.Count > 0, "the request for a token");
        gate.SetResult();
        await Task.WhenAll(sending);

        Assert.Equal(16, _receiver.Arrivals.Count);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("100", 79, 1)]
    [InlineData("100", 80, 2)]
    [InlineData("\"100\"", 80, 2)]
    [InlineData("3600", 3569, 1)]
    [InlineData("3600", 3570, 2)]
    [InlineData(null, 269, 1)]
    [InlineData(null, 270, 2)]
    [InlineData("\"soon\"", 270, 2)]
    [InlineData("1e300", 86000, 1)]
    [InlineData("1e300", 86400, 2)]
    [InlineData("0", 0, 1)]
    [InlineData("-5", 1, 2)]
    public async Task Send_LaterThanThat_TheTokenIsRefreshedBeforeItExpires(string? expiresIn, int seconds, int tokens)
    {
        _server.ExpiresIn = expiresIn;
        await using var outbox = OutboxOf();

        await outbox.SendAsync();
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await outbox.SendAsync();

        Assert.Equal($"Bearer token-{tokens}", _receiver.Arrivals[1].Header("Authorization"));
    }

    [Fact]
    public async Task Send_TokenIsRefused_IsMadeAgainAtOnceWithAnother()
    {
        await using var outbox = OutboxOf();
        await outbox.SendAsync();
        _receiver.AnswerWith(arrival => arrival.Header("Authorization") == "Bearer token-1" ? Answer.Status(401) : Answer.Ok);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => outbox.SendAsync()));

        Assert.All(results, result => Assert.Equal(200, result.StatusCode));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task Send_EveryTokenIsRefused_AsksForAnotherNowAndThen()
    {
        _receiver.AnswerWith(_ => Answer.Status(401));
        await using var outbox = OutboxOf();

        for (var i = 0; i < 5; i++)
            Assert.Equal((401, DeliveryError.Status), await StatusAsync(outbox));

        Assert.Equal(2, _server.Requests.Count);
        _time.Advance(AccessTokens.BetweenDrops);
        await outbox.SendAsync();
        Assert.Equal(3, _server.Requests.Count);
    }

    [Theory]
    [InlineData(401, """{"error":"invalid_client","error_description":"s3cret"}""", "answered HTTP 401 (invalid_client)")]
    [InlineData(400, """{"error":"s3cret"}""", "answered HTTP 400")]
    [InlineData(500, "s3cret", "answered HTTP 500")]
    [InlineData(302, """{"access_token":"s3cret"}""", "answered HTTP 302")]
    [InlineData(200, "s3cret", "answered no JSON object")]
    [InlineData(200, "[]", "answered no JSON object")]
    [InlineData(200, "", "answered no JSON object")]
    [InlineData(200, """{"token":"s3cret"}""", "answered no access_token that can be sent")]
    [InlineData(200, """{"access_token":7}""", "answered no access_token that can be sent")]
    [InlineData(200, """{"access_token":""}""", "answered no access_token that can be sent")]
    [InlineData(200, """{"access_token":"s3cret\r\nX: y"}""", "answered no access_token that can be sent")]
    [InlineData(200, """{"access_token":"\ud800"}""", "answered no access_token that can be sent")]
    [InlineData(200, """{"access_token":"s3cret","token_type":"mac"}""", "gave a token that is not of the type Bearer")]
    public async Task Send_NoTokenToBeHad_IsAFailureThatSaysWhyAndShowsNothing(int status, string body, string detail)
    {
        _server.Instead = (status, body);
        await using var outbox = OutboxOf();

        var result = await outbox.SendAsync();

        Assert.Equal((null, DeliveryError.Token, $"the token endpoint {detail}"), (result.StatusCode, result.Error, result.Detail));
        Assert.True(result.SpeaksAgainstDestination);
        Assert.Empty(_receiver.Arrivals);
        Assert.Single(_server.Requests);

        _server.Instead = null;
        Assert.Equal(200, (await outbox.SendAsync()).StatusCode);
    }

    [Fact]
    public async Task Send_HugeAnswer_IsNotReadToItsEnd()
    {
        _server.Instead = (200, $$"""{"access_token":"{{new string('a', 10_000_000)}}"}""");
        await using var outbox = OutboxOf();

        Assert.Equal("the token endpoint answered more than 64 KiB", (await outbox.SendAsync()).Detail);
    }

    [Fact]
    public async Task Send_SlowEndpoint_IsGivenHalfOfTheTimeout()
    {
        _server.Gate = new TaskCompletionSource().Task;
        await using var outbox = OutboxOf();

        var sending = outbox.SendAsync();
        await Wait.UntilAsync(() => _server.Requests.Count > 0, "the request for a token");
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("the token endpoint did not answer within 5 s", (await Wait.ForAsync(sending, "the failure")).Detail);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/token", "", "no connection: ConnectionRefused")]
    [InlineData("http://no-such-host.invalid/token", "", "the name cannot be resolved")]
    [InlineData("http://127.0.0.9:1/token", "egress: { deny: [127.0.0.9] }", "no connection: the address 127.0.0.9 is denied by egress")]
    public async Task Send_EndpointCannotBeReached_IsAFailureThatSaysWhy(string url, string egress, string detail)
    {
        await using var outbox = Outbox.Of($"url: {_receiver.Url}\n{Auth(url)}", egress);

        var result = await outbox.SendAsync();

        Assert.Equal((DeliveryError.Token, $"the token endpoint could not be asked: {detail}"), (result.Error, result.Detail));
    }

    [Fact]
    public async Task Send_DeniedAddressBehindAProxy_IsNotAskedForAToken()
    {
        await using var proxy = RawDownstream.Saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var outbox = Outbox.Of(
            $"url: http://tickets.invalid/\nproxy: http://127.0.0.1:{proxy.Port}\n{Auth("http://169.254.169.254/token")}");

        Assert.EndsWith("is denied by egress", (await outbox.SendAsync()).Detail, StringComparison.Ordinal);
        Assert.Equal(0, proxy.Connections);
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, null)]
    public async Task Send_EndpointWithTls_IsTrustedByTheDestinationsAuthoritiesOnly(bool own, int? status)
    {
        using var files = new TemporaryDirectory();
        var certificate = TestCertificate.SelfSigned();
        await using var server = await TokenServer.StartAsync(ClientId, [Secret], certificate);
        var ca = files.Write("ca.pem", own ? certificate.Root : TestCertificate.SelfSigned().Root);
        await using var outbox = Outbox.Of($"url: {_receiver.Url}\ntls: {{ ca: {ca} }}\n{Auth(server.Url.AbsoluteUri)}");

        var result = await outbox.SendAsync();

        Assert.Equal(status, result.StatusCode);
        Assert.Equal(own, result.Detail is null);
    }

    [Fact]
    public async Task Tokens_OfAnotherSecretClientOrDestination_AreOthersInTheSameCache()
    {
        await using var services = new ServiceCollection().AddHybridCache().Services.BuildServiceProvider();
        await using var server = await TokenServer.StartAsync("c", ["old", "new"]);
        using var client = new HttpMessageInvoker(new SocketsHttpHandler());
        var oauth2 = new AuthConfiguration.OAuth2 { TokenUrl = server.Url, ClientId = "c", ClientSecret = "old" };
        AuthConfiguration.OAuth2[] variants =
        [
            oauth2, oauth2 with { ClientSecret = "new" }, oauth2 with { SecretInBody = true },
            oauth2 with { Parameters = [new("scope", "a")] }, oauth2 with { Parameters = [new("scop", "ea")] },
        ];

        var tokens = new List<string>();
        foreach (var (destination, variant) in variants.Select(variant => ("d", variant)).Append(("e", oauth2)).Append(("d", oauth2)))
        {
            var endpoint = new TokenEndpoint(
                new DestinationConfiguration { Name = destination, Url = server.Url }, variant, () => client,
                new EgressGuard(Configuration.Given.Configuration(Configuration.Given.Whole)), TimeProvider.System);
            var own = new AccessTokens(destination, endpoint.IssuedFor, endpoint.RequestAsync, services.GetRequiredService<HybridCache>(), TimeProvider.System);
            tokens.Add((await own.GetAsync(TestContext.Current.CancellationToken)).Value);
        }

        Assert.Equal(Enumerable.Range(1, 6).Append(1).Select(i => $"token-{i.ToString(CultureInfo.InvariantCulture)}"), tokens);
    }

    private static async Task<(int?, DeliveryError)> StatusAsync(Outbox outbox)
    {
        var result = await outbox.SendAsync();
        return (result.StatusCode, result.Error);
    }

    private Outbox OutboxOf(string more = "") => Outbox.Of($"url: {_receiver.Url}\n{Auth(_server.Url.AbsoluteUri, more)}", time: _time);

    private static string Auth(string url, string more = "") =>
        $"auth: {{ oauth2: {{ tokenUrl: \"{url}\", clientId: \"{ClientId}\", clientSecret: \"{Secret}\"{(more.Length > 0 ? ", " + more : "")} }} }}";
}

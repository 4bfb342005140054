using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class DestinationReaderTests
{
    private const string Url = "url: https://jira.example/hooks\n";

    [Fact]
    public void Destination_EverythingGiven_IsRead()
    {
        var destination = Assert.Single(Given.Configuration(Given.Destination("""
            url: "https://jira.example/hooks?key=${SECRET}"
            timeout: 2.5s
            concurrency: 3
            rateLimit: 300/m
            retry: { attempts: 5, first: 1s, factor: 2, max: 1m, jitter: 0, maxAge: 2d, giveUpOn: [404, 410-499, 3xx] }
            breaker: { failures: 0.2, minimum: 2, window: 10s, pause: 500ms }
            headers: { Authorization: "Bearer ${SECRET}", X-Team: hooks, X-Unset: ~ }
            """)).Destinations);

        Assert.Equal("https://jira.example/hooks?key=top-secret", destination.Url.AbsoluteUri);
        Assert.Equal((2.5, 3), (destination.Timeout.TotalSeconds, destination.Concurrency));
        Assert.Equal(new RateLimitConfiguration(300, TimeSpan.FromMinutes(1)), destination.RateLimit);
        var retry = destination.Retry;
        Assert.Equal((5, 1, 2, 60, 0), (retry.Attempts, retry.First.TotalSeconds, retry.Factor, retry.Max.TotalSeconds, retry.Jitter));
        Assert.Equal(TimeSpan.FromDays(2), retry.MaxAge);
        Assert.Equal([new(404, 404), new(410, 499), new(300, 399)], retry.GiveUpOn);
        var breaker = destination.Breaker;
        Assert.Equal((0.2, 2, 10, 0.5), (breaker.Failures, breaker.Minimum, breaker.Window.TotalSeconds, breaker.Pause.TotalSeconds));
        Assert.Equal([new("Authorization", "Bearer top-secret"), new("X-Team", "hooks")], destination.Headers);
    }

    [Theory]
    [InlineData("", false, OrderOnDead.Skip)]
    [InlineData("order: false", false, OrderOnDead.Skip)]
    [InlineData("order: true", true, OrderOnDead.Skip)]
    [InlineData("order: true\norderOnDead: skip", true, OrderOnDead.Skip)]
    [InlineData("order: true\norderOnDead: block", true, OrderOnDead.Block)]
    public void Order_AnyWord_IsRead(string lines, bool order, OrderOnDead onDead)
    {
        var destination = Given.Configuration(Ordered(lines, "key: about")).Destinations[0];

        Assert.Equal((order, onDead, order && onDead == OrderOnDead.Block), (destination.Order, destination.OrderOnDead, destination.Blocks));
    }

    [Fact]
    public void Order_SourceWithoutAKey_IsAFaultThatSaysWhatToDo() => Assert.Equal(
        [
            "4:12: destinations.jira.order: source 'crm', which route-1 sends here, has no key: set sources.crm.key to what its events"
            + " are about, or send it to a destination without order",
        ],
        Given.Faults(Ordered("order: true", "answer: {}")));

    [Fact]
    public void Order_KeyOfAPreset_IsEnough() =>
        Assert.True(Given.Configuration(Ordered("order: true", "preset: sysaid, secrets: [x]")).Destinations[0].Order);

    [Theory]
    [InlineData("key: 'a['")]
    [InlineData("preset: sysaids")]
    public void Order_SourceThatIsWrongItself_IsNoSecondFault(string source) =>
        Assert.DoesNotContain(Given.Faults(Ordered("order: true", source)), fault => fault.Contains("jira.order", StringComparison.Ordinal));

    [Fact]
    public void Order_SourceWithoutAKeyGoesElsewhere_IsNoFault() => Assert.True(Given.Configuration("""
        sources:
          crm: { verify: none, event: type, key: about }
          shop: { verify: none, event: type }
        destinations:
          jira: { url: "https://jira.example", order: true }
          slack: { url: "https://slack.example" }
        routes:
          - { source: crm, to: [jira, slack] }
          - { source: shop, to: slack }
        """).Destinations[0].Order);

    [Fact]
    public void OrderOnDead_WithoutOrder_IsWarnedOf() => Assert.Contains(
        "4:18: destinations.jira.orderOnDead: means nothing without order: true",
        Given.Warnings(Ordered("orderOnDead: block", "key: about")));

    [Fact]
    public void GiveUpOn_Empty_IsNever() =>
        Assert.Empty(Given.Configuration(Given.Destination(Url + "retry: { giveUpOn: [] }")).Destinations[0].Retry.GiveUpOn);

    [Fact]
    public void Retry_NothingGiven_HasNoAgeAndGivesUpOnGone()
    {
        var retry = Given.Configuration(Given.Destination(Url)).Destinations[0].Retry;

        Assert.Null(retry.MaxAge);
        Assert.Equal([new(410, 410)], retry.GiveUpOn);
    }

    [Theory]
    [InlineData("410", true)]
    [InlineData("4xx", false)]
    [InlineData("429", false)]
    [InlineData("500-503", false)]
    public void GiveUpOn_StatusOfABusyDestination_IsAWarning(string statuses, bool isQuiet) =>
        Assert.Equal(isQuiet, Given.Warnings(Given.Destination(Url + $"retry: {{ giveUpOn: {statuses} }}")).All(
            warning => !warning.Contains("giveUpOn", StringComparison.Ordinal)));

    [Fact]
    public void OAuth2_EverythingGiven_IsRead()
    {
        var auth = Given.Configuration(Given.Destination(Url + """
            auth:
              oauth2:
                tokenUrl: https://id.example/token
                clientId: me
                clientSecret: ${SECRET}
                clientAuth: body
                scope: a b
                audience: https://jira.example
                parameters: { resource: r, none: ~ }
            """)).Destinations[0].Auth;

        var oauth2 = Assert.IsType<AuthConfiguration.OAuth2>(auth);
        Assert.Equal(("https://id.example/token", "me", "top-secret", true), (oauth2.TokenUrl.AbsoluteUri, oauth2.ClientId, oauth2.ClientSecret, oauth2.SecretInBody));
        Assert.Equal([new("scope", "a b"), new("audience", "https://jira.example"), new("resource", "r")], oauth2.Parameters);
    }

    [Theory]
    [InlineData("https://id.example/token", true)]
    [InlineData("http://127.0.0.1:1/token", true)]
    [InlineData("http://id.example/token", false)]
    public void TokenUrl_WithoutTls_IsAWarning(string url, bool isQuiet) =>
        Assert.Equal(isQuiet, Given.Warnings(Given.Destination(
            Url + $"auth: {{ oauth2: {{ tokenUrl: \"{url}\", clientId: c, clientSecret: s }} }}")).All(
                warning => !warning.Contains("tokenUrl", StringComparison.Ordinal)));

    [Theory]
    [InlineData("timeout: 9ms", "4:14: destinations.jira.timeout: expected a duration from 10ms to 1h, such as 500ms, 10s, 5m, 24h or 7d, not '9ms'")]
    [InlineData("concurrency: 1025", "4:18: destinations.jira.concurrency: expected a whole number from 1 to 1024, not '1025'")]
    [InlineData("rateLimit: 50", "4:16: destinations.jira.rateLimit: expected a rate from 1 to 1000000 a second, minute or hour, such as 50/s, 300/m or 10000/h, not '50'")]
    [InlineData("retry: { attempts: 0 }", "4:24: destinations.jira.retry.attempts: expected a whole number from 1 to 1000, not '0'")]
    [InlineData("retry: { factor: 0.5 }", "4:22: destinations.jira.retry.factor: expected a number from 1 to 1000, not '0.5'")]
    [InlineData("retry: { jitter: 2 }", "4:22: destinations.jira.retry.jitter: expected a number from 0 to 1, not '2'")]
    [InlineData("retry: { first: 1m, max: 30s }", "4:30: destinations.jira.retry.max: shorter than the first wait")]
    [InlineData("retry: { giveUpOn: [200] }", "4:25: destinations.jira.retry.giveUpOn: expected a status from 300 to 599, several such as 400-404, or a class such as 4xx, not '200'")]
    [InlineData("retry: { maxAge: 0s }", "4:22: destinations.jira.retry.maxAge: expected a duration from 1s to 365d, such as 500ms, 10s, 5m, 24h or 7d, not '0s'")]
    [InlineData("breaker: { failures: 0 }", "4:26: destinations.jira.breaker.failures: expected a number from 0.001 to 1, not '0'")]
    [InlineData("breaker: { minimum: 1 }", "4:25: destinations.jira.breaker.minimum: expected a whole number from 2 to 1000000, not '1'")]
    [InlineData("breaker: { window: 499ms }", "4:24: destinations.jira.breaker.window: expected a duration from 500ms to 1d, such as 500ms, 10s, 5m, 24h or 7d, not '499ms'")]
    [InlineData("breaker: { pause: 2d }", "4:23: destinations.jira.breaker.pause: expected a duration from 500ms to 1d, such as 500ms, 10s, 5m, 24h or 7d, not '2d'")]
    [InlineData("headers: { host: x }", "4:16: destinations.jira.headers: host belongs to the connection and cannot be set")]
    [InlineData("headers: { Content-Length: 1 }", "4:16: destinations.jira.headers: Content-Length belongs to the connection and cannot be set")]
    [InlineData("headers: { \"X Y\": x }", "4:16: destinations.jira.headers: 'X Y' is not the name of a header")]
    [InlineData("headers: { X-A: x, x-a: y }", "4:24: destinations.jira.headers: x-a stands here twice: the case of a header's name does not matter")]
    [InlineData("headers: { X-A: \"s3cret\\r\\nX-B: x\" }", "4:21: destinations.jira.headers.X-A: expected ASCII text without control characters")]
    [InlineData("headers: { X-A: \"${NONE}\" }", "4:21: destinations.jira.headers.X-A: the environment variable NONE is not set or empty; ${NONE:-default} gives a default")]
    [InlineData("sign: {}", "4:5: destinations.jira.sign: needs secrets: a secret in base64, with or without whsec_ before it")]
    [InlineData("sign: { secrets: [\"no base64!\"] }", "4:23: destinations.jira.sign.secrets: expected a secret in base64, with or without whsec_ before it")]
    [InlineData("sign: { secrets: c2VjcmV0 }\nheaders: { Webhook-Id: x }", "5:14: destinations.jira.headers: Webhook-Id is what sign writes")]
    [InlineData("auth: { bearer: t }\nheaders: { authorization: x }", "5:14: destinations.jira.headers: authorization is what auth writes")]
    [InlineData("auth: { apiKey: { header: X-Key, value: k } }\nheaders: { x-key: x }", "5:14: destinations.jira.headers: x-key is what auth writes")]
    [InlineData("auth: {}", "4:5: destinations.jira.auth: needs exactly one of basic, bearer, apiKey, oauth2")]
    [InlineData("auth: { bearer: t, basic: { username: u } }", "4:5: destinations.jira.auth: needs exactly one of basic, bearer, apiKey, oauth2")]
    [InlineData("auth: { oauth2: { clientId: c, clientSecret: s } }", "4:13: destinations.jira.auth.oauth2: needs tokenUrl: an absolute http or https URL without user name and fragment")]
    [InlineData("auth: { oauth2: { tokenUrl: https://id, clientSecret: s } }", "4:13: destinations.jira.auth.oauth2: needs clientId: text without control characters, not empty")]
    [InlineData("auth: { oauth2: { tokenUrl: https://id, clientId: c } }", "4:13: destinations.jira.auth.oauth2: needs clientSecret: text without control characters, not empty")]
    [InlineData("auth: { oauth2: { tokenUrl: /token, clientId: c, clientSecret: s } }", "4:33: destinations.jira.auth.oauth2.tokenUrl: expected an absolute http or https URL without user name and fragment")]
    [InlineData("auth: { oauth2: { tokenUrl: https://id, clientId: c, clientSecret: s, clientAuth: jwt } }", "4:87: destinations.jira.auth.oauth2.clientAuth: expected one of basic, body, not 'jwt'")]
    [InlineData("auth: { oauth2: { tokenUrl: https://id, clientId: c, clientSecret: s, parameters: { scope: x } } }", "4:89: destinations.jira.auth.oauth2.parameters: scope is what oauth2 writes itself")]
    [InlineData("auth: { oauth2: { tokenUrl: https://id, clientId: c, clientSecret: s, scopes: x } }", "4:75: destinations.jira.auth.oauth2: unknown key 'scopes'; did you mean 'scope'?")]
    [InlineData("auth: { oauth2: { tokenUrl: https://id, clientId: c, clientSecret: s } }\nheaders: { Authorization: x }", "5:14: destinations.jira.headers: Authorization is what auth writes")]
    [InlineData("auth: { bearer: \"two words\" }", "4:21: destinations.jira.auth.bearer: expected printable ASCII without spaces, not empty")]
    [InlineData("auth: { basic: { password: p } }", "4:13: destinations.jira.auth.basic: needs username: a user name without colon")]
    [InlineData("auth: { basic: { username: \"a:b\" } }", "4:32: destinations.jira.auth.basic.username: expected a user name without colon")]
    [InlineData("auth: { apiKey: { value: k } }", "4:13: destinations.jira.auth.apiKey: needs header or query, one of the two: the name of what carries the key")]
    [InlineData("auth: { apiKey: { header: X, query: y, value: k } }", "4:13: destinations.jira.auth.apiKey: needs header or query, one of the two: the name of what carries the key")]
    [InlineData("auth: { apiKey: { header: Host, value: k } }", "4:31: destinations.jira.auth.apiKey.header: Host belongs to the connection and cannot be set")]
    [InlineData("auth: { apiKey: { header: X } }", "4:13: destinations.jira.auth.apiKey: needs value: printable ASCII without spaces, not empty")]
    [InlineData("forwardHeaders: [X-A, host]", "4:21: destinations.jira.forwardHeaders: 'host' cannot be forwarded: it is the connection's or the gateway's own")]
    [InlineData("forwardHeaders: webhook-signature", "4:21: destinations.jira.forwardHeaders: 'webhook-signature' cannot be forwarded: it is the connection's or the gateway's own")]
    [InlineData("forwardHeaders: \"X A\"", "4:21: destinations.jira.forwardHeaders: expected the name of a header, not 'X A'")]
    [InlineData("urls: [http://a]", "4:11: destinations.jira.urls: there is a url already: one of the two")]
    [InlineData("loadBalancing: Best", "4:20: destinations.jira.loadBalancing: expected one of PowerOfTwoChoices, LeastRequests, RoundRobin, Random, FirstAlphabetical, not 'Best'")]
    [InlineData("health: {}", "4:5: destinations.jira.health: needs active or passive")]
    [InlineData("health: { passive: maybe }", "4:24: destinations.jira.health.passive: expected one of true, false, not 'maybe'")]
    [InlineData("health: { active: { path: up } }", "4:31: destinations.jira.health.active.path: expected a path such as /health, without a query, not 'up'")]
    [InlineData("health: { active: { interval: 99ms } }", "4:35: destinations.jira.health.active.interval: expected a duration from 100ms to 1d, such as 500ms, 10s, 5m, 24h or 7d, not '99ms'")]
    [InlineData("proxy: https://proxy.internal", "4:12: destinations.jira.proxy: expected http:// with a host and a port alone, such as http://proxy.internal:3128")]
    [InlineData("tls: {}", "4:5: destinations.jira.tls: needs ca, or certificate and key")]
    [InlineData("tls: { ca: none.pem }", "4:16: destinations.jira.tls.ca: there is no such file")]
    [InlineData("time: 5s", "4:5: destinations.jira: unknown key 'time'; known: auth, breaker, concurrency, forwardHeaders, headers, health, loadBalancing, order, orderOnDead, proxy, rateLimit, retry, sign, template, timeout, tls, url, urls")]
    [InlineData("template: no-such.liquid", "4:15: destinations.jira.template: the file does not exist")]
    [InlineData("template: { file: no-such.liquid }", "4:23: destinations.jira.template.file: the file does not exist")]
    [InlineData("template: { strict: true }", "4:5: destinations.jira.template: needs file: a Liquid file")]
    public void Destination_Wrong_IsOneFaultAtItsPlace(string line, string fault) => Assert.Equal([fault], Given.Faults(Given.Destination(Url + line)));

    [Theory]
    [InlineData("timeout: 5s", "2:3: destinations.jira: needs url: an absolute http or https URL without user name and fragment")]
    [InlineData("url: /hooks", "3:10: destinations.jira.url: expected an absolute http or https URL without user name and fragment")]
    [InlineData("url: https://me:s3cret@jira.example", "3:10: destinations.jira.url: expected an absolute http or https URL without user name and fragment")]
    [InlineData("url: \"https://jira.example/#s3cret\"", "3:10: destinations.jira.url: expected an absolute http or https URL without user name and fragment")]
    public void Url_MissingOrNone_IsAFaultWithoutIt(string line, string fault) => Assert.Equal([fault], Given.Faults(Given.Destination(line)));

    private static string Ordered(string destination, string source) => $$"""
        destinations:
          jira:
            url: https://jira.example/hooks
            {{destination.ReplaceLineEndings("\n    ")}}
        sources: { crm: { verify: none, event: type, {{source}} } }
        routes: [{ source: crm, to: jira }]
        """;
}

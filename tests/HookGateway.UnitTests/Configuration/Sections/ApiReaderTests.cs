using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class ApiReaderTests
{
    private const string Whole = "url: https://acme.sysaidit.com/connect/v1, account: acme, clientId: c, clientSecret: \"${SECRET}\"";
    private const string PlainPath = "a path such as /webhooks: plain URL characters, no empty or dotted segments, no {id}";
    private const string IdPath = "a path with {id} in it once, such as /webhooks/{id}: plain URL characters, no empty or dotted segments";

    [Fact]
    public void Api_Whole_IsReadWithTheDefaultRoutes()
    {
        var api = Read($"{{ {Whole} }}");

        Assert.Equal(("https://acme.sysaidit.com/connect/v1", "acme", "c", "top-secret"), (api.Url.AbsoluteUri, api.Account, api.ClientId, api.ClientSecret));
        Assert.Equal(new ApiRoutes(), api.Routes);
        Assert.Equal(
            ("/access-tokens", "/webhooks", "/webhooks/{id}", "/webhooks/{id}/simulate", "/service-records/search"),
            (api.Routes.Token, api.Routes.Webhooks, api.Routes.Webhook, api.Routes.Simulate, api.Routes.Records));
        Assert.DoesNotContain("top-secret", api.ToString());
    }

    [Fact]
    public void Api_Routes_AreOverriddenOneByOne()
    {
        var routes = Read($"{{ {Whole}, routes: {{ webhook: \"/v2/{{id}}\", token: /v1/access-tokens }} }}").Routes;

        Assert.Equal(new ApiRoutes { Webhook = "/v2/{id}", Token = "/v1/access-tokens" }, routes);
    }

    [Theory]
    [InlineData("https://acme.sysaidit.com/connect/v1/", "https://acme.sysaidit.com/connect/v1")]
    [InlineData("http://127.0.0.1:9000/connect/v1", "http://127.0.0.1:9000/connect/v1")]
    [InlineData("http://localhost:9000", "http://localhost:9000/")]
    public void Url_OfThisMachineOrHttps_IsTaken(string url, string read) =>
        Assert.Equal(read, Read($"{{ url: \"{url}\", account: a, clientId: c, clientSecret: s }}").Url.AbsoluteUri);

    [Fact]
    public void Source_WithoutApi_HasNone() =>
        Assert.Null(Given.Configuration(Given.Source("verify: none\nevent: type")).Sources[0].Api);

    [Theory]
    [InlineData("url: http://acme.sysaidit.com", "url: https only: whoever is on the way would read the secret and the tokens")]
    [InlineData("url: \"https://acme.sysaidit.com?x=1\"", "url: no query here: it is what the routes are put after")]
    [InlineData("url: acme.sysaidit.com", "url: expected an absolute http or https URL without user name and fragment")]
    [InlineData("account: a b", "account: expected an account's id: ASCII letters, digits and signs, without spaces")]
    [InlineData("account: ä", "account: expected an account's id: ASCII letters, digits and signs, without spaces")]
    [InlineData("clientSecret: \"${NONE}\"", "clientSecret: the environment variable NONE is not set or empty; ${NONE:-default} gives a default")]
    [InlineData("clientId: \"a\\nb\"", "clientId: expected text without control characters, not empty")]
    [InlineData("routes: { token: access-tokens }", $"routes.token: expected {PlainPath}, not 'access-tokens'")]
    [InlineData("routes: { webhooks: \"/webhooks/{id}\" }", $"routes.webhooks: expected {PlainPath}, not '/webhooks/{{id}}'")]
    [InlineData("routes: { records: \"/a?b=c\" }", $"routes.records: expected {PlainPath}, not '/a?b=c'")]
    [InlineData("routes: { records: /a/../b }", $"routes.records: expected {PlainPath}, not '/a/../b'")]
    [InlineData("routes: { webhook: /webhooks }", $"routes.webhook: expected {IdPath}, not '/webhooks'")]
    [InlineData("routes: { simulate: \"/{id}/{id}\" }", $"routes.simulate: expected {IdPath}, not '/{{id}}/{{id}}'")]
    public void Api_Wrong_IsAFaultAtItsPlace(string line, string fault)
    {
        var key = line[..line.IndexOf(':', StringComparison.Ordinal)];
        var others = Whole.Split(", ").Where(other => !other.StartsWith($"{key}:", StringComparison.Ordinal));

        var told = Assert.Single(Given.Faults(Given.Source($"verify: none\nevent: type\napi: {{ {string.Join(", ", [line, .. others])} }}")));

        Assert.Matches("^5:[0-9]+: sources\\.crm\\.api\\.", told);
        Assert.EndsWith($"sources.crm.api.{fault}", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Api_Empty_NamesAllThatItNeeds() => Assert.Equal(
        [
            "5:5: sources.crm.api: needs url: an absolute http or https URL without user name and fragment",
            "5:5: sources.crm.api: needs account: an account's id: ASCII letters, digits and signs, without spaces",
            "5:5: sources.crm.api: needs clientId: text without control characters, not empty",
            "5:5: sources.crm.api: needs clientSecret: text without control characters, not empty",
        ],
        Given.Faults(Given.Source("verify: none\nevent: type\napi: {}")));

    [Theory]
    [InlineData("api: acme", "5:10: sources.crm.api: expected a mapping")]
    [InlineData($"api: {{ {Whole}, clientsecret: x }}", "5:110: sources.crm.api: unknown key 'clientsecret'; did you mean 'clientSecret'?")]
    [InlineData($"api: {{ {Whole}, routes: {{ tokens: /x }} }}", "5:120: sources.crm.api.routes: unknown key 'tokens'; did you mean 'token'?")]
    [InlineData("rateLimit: 5/s", "5:5: sources.crm.rateLimit: not supported by this version")]
    public void Api_NotKnown_IsAFault(string line, string fault) =>
        Assert.Equal([fault], Given.Faults(Given.Source($"verify: none\nevent: type\n{line}")));

    private static ApiConfiguration Read(string api) =>
        Given.Configuration(Given.Source($"verify: none\nevent: type\napi: {api}")).Sources[0].Api!;
}

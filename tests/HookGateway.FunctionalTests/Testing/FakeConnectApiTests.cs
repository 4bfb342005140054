using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.SysAid;
using Xunit;

namespace HookGateway.FunctionalTests.Testing;

/// <summary>The fake API by what SysAid documents, asked without the product.</summary>
public sealed class FakeConnectApiTests : IAsyncLifetime
{
    private readonly SettableClock _clock = new(TimeProvider.System);
    private readonly HttpClient _client = new();
    private FakeConnectApi _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeConnectApi.StartAsync(_clock);
        _client.DefaultRequestHeaders.Add("x-sysaid-accountid", FakeConnectApi.Account);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Token_OfANewApplicationKey_IsTakenUntilItExpires()
    {
        var key = await PostAsync("/application-keys", new JsonObject { ["userName"] = "u", ["password"] = "p" });
        await LogInAsync(key);

        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/webhooks")).StatusCode);
        _clock.SetBy(TimeSpan.FromSeconds(86400));
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/webhooks")).StatusCode);
    }

    [Theory]
    [InlineData("", 20, 0)]
    [InlineData("?limit=500", 500, 0)]
    [InlineData("?limit=3&offset=10", 3, 10)]
    [InlineData("?offset=595", 5, 595)]
    public async Task Search_Page_IsAsLongAsAsked(string query, int count, int offset)
    {
        await LogInAsync();
        for (var id = 0; id < 600; id++)
            _api.Records.Put(id, DateTimeOffset.UnixEpoch.AddSeconds(-id));

        var page = await (await GetAsync($"/service-records/search{query}")).Content.ReadFromJsonAsync<JsonArray>(
            TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(offset, count), page!.Select(record => (int)record!["id"]!));
    }

    [Fact]
    public async Task Search_PageTooLong_IsAnErrorInItsShape()
    {
        await LogInAsync();

        var answer = await GetAsync("/service-records/search?limit=501");

        var error = await answer.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.BadRequest, 400), (answer.StatusCode, (int)error!["statusCode"]!));
        Assert.NotEmpty((string)error["message"]!);
    }

    [Fact]
    public async Task Request_BeyondTheLimit_Is429UntilTheWindowEnds()
    {
        await LogInAsync();
        _api.UseRateLimit(998);

        var last = await GetAsync("/webhooks");
        Assert.Equal((HttpStatusCode.OK, "0"), (last.StatusCode, Assert.Single(last.Headers.GetValues("X-RateLimit-Remaining"))));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await GetAsync("/webhooks")).StatusCode);

        _clock.SetBy(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/webhooks")).StatusCode);
    }

    [Fact]
    public async Task Request_OfAnotherAccount_Is401()
    {
        await LogInAsync();
        _client.DefaultRequestHeaders.Remove("x-sysaid-accountid");

        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/webhooks")).StatusCode);
    }

    private async Task LogInAsync(JsonNode? key = null)
    {
        var token = await PostAsync(
            "/access-tokens",
            key ?? new JsonObject { ["clientId"] = FakeConnectApi.ClientId, ["clientSecret"] = FakeConnectApi.ClientSecret });
        Assert.Equal(("Bearer", 86400), ((string)token["tokenType"]!, (int)token["expiresIn"]!));
        _client.DefaultRequestHeaders.Authorization = new("Bearer", (string)token["token"]!);
    }

    private async Task<JsonNode> PostAsync(string path, JsonNode body)
    {
        using var answer = await _client.PostAsJsonAsync(_api.Url.AbsoluteUri + path, body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!;
    }

    private Task<HttpResponseMessage> GetAsync(string path) =>
        _client.GetAsync(new Uri(_api.Url.AbsoluteUri + path), TestContext.Current.CancellationToken);
}

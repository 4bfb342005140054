using HookGateway.SysAid;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.SysAid;
using Xunit;

namespace HookGateway.UnitTests.SysAid;

public sealed class ConnectApiTokenTests : IAsyncLifetime
{
    private OpenedApi _opened = null!;

    public async ValueTask InitializeAsync() => _opened = await OpenedApi.StartAsync();

    public ValueTask DisposeAsync() => _opened.DisposeAsync();

    [Fact]
    public async Task Send_First_AsksForATokenWithTheKeyAndCarriesItWithTheAccount()
    {
        Assert.Equal(201, (await _opened.SubscribeAsync()).Status);

        var (asked, made) = (_opened.Fake.Requests[0], Assert.Single(_opened.Requests));
        Assert.Equal(("POST", "/access-tokens", """{"clientId":"client-0","clientSecret":"secret-0"}"""), (asked.Method, asked.Path, asked.Body));
        Assert.Equal((null, "acme"), (asked.Header("Authorization"), asked.Header("x-sysaid-accountid")));
        Assert.Equal(("Bearer token-1", "acme"), (made.Header("Authorization"), made.Header("x-sysaid-accountid")));
        Assert.Equal(("POST", "/webhooks", "application/json"), (made.Method, made.Path, made.Header("Content-Type")));
        Assert.Equal(
            """{"url":"https://hooks.example/hooks/sysaid?a=1&b=2","description":"d","eventNames":["sr.created"]}""", made.Body);
    }

    [Fact]
    public async Task Send_ManyAtOnce_AskForOneToken()
    {
        var gate = new TaskCompletionSource();
        _opened.Fake.Gate = gate.Task;
        var asking = Enumerable.Range(0, 16).Select(_ => _opened.ListAsync()).ToArray();
        await Wait.UntilAsync(() => _opened.TokenRequests > 0, "the request for a token");

        gate.SetResult();
        await Task.WhenAll(asking);

        Assert.Equal((1, 16), (_opened.TokenRequests, _opened.Requests.Count));
    }

    [Theory]
    [InlineData(79, 1)]
    [InlineData(80, 2)]
    public async Task Send_LaterThanThat_TheTokenIsRefreshedBeforeItExpires(int seconds, int tokens)
    {
        _opened.Fake.TokenLife = TimeSpan.FromSeconds(100);
        await _opened.ListAsync();
        _opened.Time.Advance(TimeSpan.FromSeconds(seconds));

        await _opened.ListAsync();

        Assert.Equal($"Bearer token-{tokens}", _opened.Requests[1].Header("Authorization"));
    }

    [Fact]
    public async Task Send_TokenIsRefused_IsDroppedOnceForAllAndTheRequestsAreMadeAgain()
    {
        await _opened.ListAsync();
        _opened.Fake.RevokeTokens();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _opened.SubscribeAsync()));

        Assert.All(answers, answer => Assert.Equal(201, answer.Status));
        Assert.Equal((2, 8), (_opened.TokenRequests, _opened.Fake.Subscriptions.Count));
    }

    [Fact]
    public async Task Send_EveryTokenIsRefused_IsAFaultAfterTwo()
    {
        _opened.Fake.Fail(Answer.Status(401), Answer.Status(401), Answer.Status(401));

        Assert.Equal("SysAid answered HTTP 401", (await _opened.FaultAsync(requests => requests.List(20, 0))).Message);
        Assert.Equal((2, 2), (_opened.TokenRequests, _opened.Requests.Count));
    }

    [Fact]
    public async Task Send_WrongKey_IsAFaultWithSysAidsWordsAndNothingElseIsAsked()
    {
        var api = _opened.Open(_opened.Configuration with { ClientSecret = "another" });

        var fault = await Assert.ThrowsAsync<SysAidException>(() => api.SendAsync(api.Requests.List(20, 0), TestContext.Current.CancellationToken));

        Assert.Equal("SysAid gave no access token: SysAid answered HTTP 401: Invalid application key", fault.Message);
        Assert.Empty(_opened.Requests);
    }

    [Fact]
    public async Task Open_AnotherSecret_DoesNotGetWhatWasIssuedForTheOld()
    {
        await _opened.ListAsync();
        var api = _opened.Open(_opened.Configuration with { ClientSecret = "another" });

        await Assert.ThrowsAsync<SysAidException>(() => api.SendAsync(api.Requests.List(20, 0), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Send_AnotherAccount_IsRefused()
    {
        var api = _opened.Open(_opened.Configuration with { Account = "other" });

        var fault = await Assert.ThrowsAsync<SysAidException>(() => api.SendAsync(api.Requests.List(20, 0), TestContext.Current.CancellationToken));

        Assert.Equal("SysAid gave no access token: SysAid answered HTTP 401: Unknown account", fault.Message);
    }

    [Fact]
    public async Task Send_TokenEndpointElsewhere_FollowsTheRoute()
    {
        var api = _opened.Open(_opened.Configuration with { Routes = new() { Token = "/no-such-path" } });

        var fault = await Assert.ThrowsAsync<SysAidException>(() => api.SendAsync(api.Requests.List(20, 0), TestContext.Current.CancellationToken));

        Assert.EndsWith("HTTP 401: Invalid access token", fault.Message, StringComparison.Ordinal);
        Assert.Equal("/no-such-path", Assert.Single(_opened.Fake.Requests).Path);
    }
}

using System.Collections.Concurrent;
using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using HookGateway.SysAid;
using HookGateway.Testing.SysAid;
using HookGateway.UnitTests.Configuration;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace HookGateway.UnitTests.SysAid;

/// <summary>The client, and a fake Connect API that it talks to over real sockets.</summary>
internal sealed class OpenedApi : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _told = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddHybridCache().Services.BuildServiceProvider();
    private readonly ConnectApis _apis;

    private OpenedApi(FakeConnectApi fake, string egress, JumpingTime time)
    {
        (Fake, Time) = (fake, time);
        var guard = new EgressGuard(Given.Configuration(Given.Whole + egress));
        _apis = new ConnectApis(guard, _services.GetRequiredService<HybridCache>(), Time);
        Configuration = new ApiConfiguration
        {
            Url = fake.Url,
            Account = FakeConnectApi.Account,
            ClientId = FakeConnectApi.ClientId,
            ClientSecret = FakeConnectApi.ClientSecret,
        };
        Api = Open(Configuration);
    }

    public JumpingTime Time { get; }

    public FakeConnectApi Fake { get; }

    public ApiConfiguration Configuration { get; }

    public ConnectApi Api { get; }

    /// <summary>What it said that it waits for.</summary>
    public IReadOnlyList<string> Told => [.. _told];

    /// <summary>How often a token was asked for.</summary>
    public int TokenRequests => Fake.Requests.Count(request => request.Path == "/access-tokens");

    /// <summary>The requests for anything else.</summary>
    public IReadOnlyList<ConnectRequest> Requests => [.. Fake.Requests.Where(request => request.Path != "/access-tokens")];

    public static async Task<OpenedApi> StartAsync(string egress = "")
    {
        var time = new JumpingTime();
        return new OpenedApi(await FakeConnectApi.StartAsync(time), egress, time);
    }

    public ConnectApi Open(ApiConfiguration configuration) => _apis.Open(configuration, _told.Enqueue);

    public Task<ApiAnswer> SendAsync(Func<ApiRequests, ApiRequest> request) =>
        Api.SendAsync(request(Api.Requests), TestContext.Current.CancellationToken);

    public Task<ApiAnswer> ListAsync() => SendAsync(requests => requests.List(20, 0));

    public Task<ApiAnswer> SubscribeAsync() =>
        SendAsync(requests => requests.Subscribe(new Uri("https://hooks.example/hooks/sysaid?a=1&b=2"), "d", ["sr.created"]));

    public async Task<SysAidException> FaultAsync(Func<ApiRequests, ApiRequest> request) =>
        await Assert.ThrowsAsync<SysAidException>(() => SendAsync(request));

    public async ValueTask DisposeAsync()
    {
        await Fake.DisposeAsync();
        _apis.Dispose();
        await _services.DisposeAsync();
    }
}

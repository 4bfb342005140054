using System.Globalization;
using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Redis;
using HookGateway.Testing.SysAid;
using Xunit;

namespace HookGateway.ResilienceTests.Redis;

/// <summary>Two gateways on one Redis: one looks for changes, and the other when that one dies.</summary>
public sealed class ReconcileTakeoverTests : IAsyncLifetime
{
    private const int Changes = 1200;
    private const int Page = 500;

    // By what they ask for they are told apart.
    private const string FieldOfFirst = "title";
    private const string FieldOfSecond = "status";

    private RedisServer _redis = null!;
    private FakeConnectApi _api = null!;
    private Receiver _downstream = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _api = await FakeConnectApi.StartAsync();
        _downstream = await Receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _downstream.DisposeAsync();
        await _api.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task TwoGateways_OneIsKilledInAListing_TheOtherTakesOverAndEachChangeIsMadeOnce()
    {
        await using var first = await GatewayProcess.StartAsync(ports => Configuration(ports, FieldOfFirst));
        await Wait.UntilAsync(async () => await RunsAsync(first) > 0, "a first listing");
        await using var second = await GatewayProcess.StartAsync(ports => Configuration(ports, FieldOfSecond));
        var before = await RunsAsync(first);
        await Wait.UntilAsync(async () => await RunsAsync(first) >= before + 3, "listings beside the second gateway");

        var runs = await KillBetweenPagesAsync(first);
        Assert.Equal(0, ListingsBy(FieldOfSecond));
        Assert.InRange(await LetTheLeadRunOutAsync(), TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(2));

        await _downstream.WaitForAsync(all => all.Select(RecordOf).Distinct().Count() == Changes, TimeSpan.FromSeconds(90));
        await Wait.UntilAsync(async () => await RunsAsync(second) > runs, "a listing to its end");
        await second.DrainedAsync();
        Assert.Equal(Changes, _downstream.Arrivals.Select(arrival => arrival.WebhookId).Distinct().Count());
        Assert.All(_downstream.Arrivals, arrival => Assert.Equal("reconcile", arrival.Header("X-HookGateway-Origin")));
    }

    /// <summary>Records change; the leader is given the first of three pages, makes events of it, and waits for the second when it dies.</summary>
    /// <returns>How many listings it had ended.</returns>
    private async Task<long> KillBetweenPagesAsync(GatewayProcess leader)
    {
        var gates = Enumerable.Range(0, 2).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var asked = _api.Requests.Count;
        _api.Gate = gates[0].Task;
        await Wait.UntilAsync(() => _api.Requests.Count > asked, "a listing to begin");
        var changed = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        for (var record = 1; record <= Changes; record++)
            _api.Records.Put(record, changed);

        _api.Gate = gates[1].Task;
        gates[0].SetResult();
        await _downstream.WaitForAsync(all => all.Select(RecordOf).Distinct().Count() == Page, TimeSpan.FromSeconds(60));
        await Wait.UntilAsync(() => _api.Requests[^1].Path.Contains("offset=450&", StringComparison.Ordinal), "the second page to be asked for");
        var runs = await RunsAsync(leader);
        await leader.KillAsync();
        _api.Gate = Task.CompletedTask;
        return runs;
    }

    /// <summary>The time for which the dead one still leads passes at once.</summary>
    /// <returns>How long that was.</returns>
    private async Task<TimeSpan> LetTheLeadRunOutAsync()
    {
        const string Script =
            "local lead = redis.call('KEYS', '*lead*reconcile:sysaid*')[1] local left = redis.call('PTTL', lead) redis.call('PEXPIRE', lead, 1) return left";
        return TimeSpan.FromMilliseconds(long.Parse(await _redis.RunAsync($"EVAL \"{Script}\" 0"), CultureInfo.InvariantCulture));
    }

    private int ListingsBy(string field) => _api.Requests.Count(request => request.Path.Contains($"fields={field}", StringComparison.Ordinal));

    private static async Task<long> RunsAsync(GatewayProcess gateway) =>
        Assert.Single((await gateway.GetAsync("/api/v1/reconcile")).GetProperty("sources").EnumerateArray()).GetProperty("runs").GetInt64();

    private static int RecordOf(Arrival arrival)
    {
        using var body = JsonDocument.Parse(arrival.Body);
        return body.RootElement.GetProperty("id").GetInt32();
    }

    private string Configuration(GatewayPorts ports, string field) => $$"""
        {{ports.Listen}}
        storage: { engine: redis, connection: "{{_redis.Connection}}", durability: memory }
        sources:
          sysaid:
            preset: sysaid
            secrets: [s]
            api: { url: "{{_api.Url}}", account: {{FakeConnectApi.Account}}, clientId: {{FakeConnectApi.ClientId}}, clientSecret: {{FakeConnectApi.ClientSecret}} }
            reconcile: { interval: 1s, grace: 1s, overlap: 30s, from: "2026-01-01", fields: [{{field}}] }
        destinations:
          d: { url: "{{_downstream.Url}}" }
        routes: [{ source: sysaid, to: d }]
        """;
}

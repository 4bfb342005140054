using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;

namespace HookGateway.ResilienceTests.Redis;

/// <summary>Several gateways with one configuration on one Redis. Each event goes to two destinations, one of them ordered.</summary>
internal sealed class GatewayFleet : IAsyncDisposable
{
    public const string Secret = "a secret of the test";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly List<GatewayProcess> _gateways = [];

    private GatewayFleet(Receiver any, Receiver ordered) => (Any, Ordered) = (any, ordered);

    public IReadOnlyList<GatewayProcess> Gateways => _gateways;

    /// <summary>The destination that takes events in any order.</summary>
    public Receiver Any { get; }

    /// <summary>The destination that is <c>order: true</c>.</summary>
    public Receiver Ordered { get; }

    /// <summary>Starts gateways, each with ports of its own.</summary>
    public static Task<GatewayFleet> StartAsync(int count, string connection) => StartAsync([.. Enumerable.Repeat(connection, count)]);

    /// <summary>Starts gateways, each with ports and a way to Redis of its own.</summary>
    public static async Task<GatewayFleet> StartAsync(params string[] connections)
    {
        var fleet = new GatewayFleet(await Receiver.StartAsync(), await Receiver.StartAsync());
        try
        {
            foreach (var connection in connections)
                fleet._gateways.Add(await GatewayProcess.StartAsync(ports => fleet.Configuration(ports, connection)));

            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    public static SysAidSender SenderTo(GatewayProcess gateway) => new(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);

    /// <summary>Waits until all gateways take events.</summary>
    public Task WhenReadyAsync() => Task.WhenAll(_gateways.Select(gateway => gateway.WaitUntilReadyAsync(Limit)));

    /// <summary>Waits until nothing is owed, as every gateway sees it.</summary>
    public async Task DrainedAsync()
    {
        foreach (var gateway in _gateways)
        {
            await Wait.UntilAsync(
                async () => (await gateway.GetAsync("/api/v1/destinations")).GetProperty("destinations").EnumerateArray().All(
                    destination => destination.GetProperty("pending").GetInt32() == 0 && destination.GetProperty("dead").GetInt32() == 0),
                "everything to be delivered",
                Limit);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
            await gateway.DisposeAsync();

        await Any.DisposeAsync();
        await Ordered.DisposeAsync();
    }

    private string Configuration(GatewayPorts ports, string connection) => $$"""
        {{ports.Listen}}
        log: { level: error }
        limits: { requestTimeout: 4s }
        storage: { engine: redis, connection: "{{connection}}", durability: fsync }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          any: { url: "{{Any.Url}}", retry: { attempts: 1000, first: 100ms, factor: 1 }, breaker: { minimum: 100000 } }
          ordered: { url: "{{Ordered.Url}}", order: true, retry: { attempts: 1000, first: 50ms, factor: 1 }, breaker: { minimum: 100000 } }
        routes:
          - { source: sysaid, to: [any, ordered] }
        """;
}

using System.Globalization;

namespace HookGateway.Testing.Redis;

/// <summary>A real Cluster of three primaries on free loopback ports, each with a third of the slots.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Count = 3;
    private const int Slots = 16384;

    // A node that stands still for a moment is not gone; and nodes that have not met by then never do.
    private const int NodeTimeout = 30_000;

    private readonly List<RedisServer> _nodes = [];
    private readonly List<RedisServer> _replicas = [];
    private string[] _settings = [];
    private int _bus;

    private RedisCluster()
    {
    }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<RedisServer> Nodes => _nodes;

    /// <summary>The replica of each node, where there are any.</summary>
    public IReadOnlyList<RedisServer> Replicas => _replicas;

    /// <summary>As a client reads it: one node, which tells of the others.</summary>
    public string Connection => _nodes[0].Connection;

    /// <summary>Starts one, and waits until it serves all slots.</summary>
    /// <param name="settings">Of each node, as on the command line.</param>
    public static async Task<RedisCluster> StartAsync(params string[] settings)
    {
        var cluster = new RedisCluster();
        try
        {
            await cluster.BeginAsync(settings);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every node sees every slot served.</summary>
    public async Task WhenWholeAsync()
    {
        foreach (var node in _nodes)
        {
            await Wait.UntilAsync(
                async () => (await node.RunAsync("CLUSTER INFO")).Contains("cluster_state:ok", StringComparison.Ordinal), "the Cluster to be whole");
        }
    }

    /// <summary>Gives each node a replica, and waits until they have everything.</summary>
    public async Task AddReplicasAsync()
    {
        foreach (var node in _nodes)
        {
            var replica = await StartNodeAsync(FreePorts.Take(1)[0], _settings);
            _replicas.Add(replica);
            var id = await node.RunAsync("CLUSTER MYID");
            await replica.RunAsync($"CLUSTER MEET 127.0.0.1 {_nodes[0].Port} {_bus}");
            await Wait.UntilAsync(async () => (await replica.RunAsync("CLUSTER NODES")).Contains(id, StringComparison.Ordinal), "the nodes to meet");
            await replica.RunAsync($"CLUSTER REPLICATE {id}");
        }

        foreach (var node in _nodes)
        {
            await Wait.UntilAsync(
                async () => (await node.RunAsync("INFO replication")).Contains("state=online", StringComparison.Ordinal), "the replicas to have everything");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _replicas.Concat(_nodes))
            await node.DisposeAsync();
    }

    private async Task BeginAsync(string[] settings)
    {
        var buses = FreePorts.Take(Count);
        (_settings, _bus) = (settings, buses[0]);
        for (var i = 0; i < Count; i++)
        {
            _nodes.Add(await StartNodeAsync(buses[i], settings));
            await _nodes[i].RunAsync($"CLUSTER ADDSLOTSRANGE {Slots * i / Count} {(Slots * (i + 1) / Count) - 1}");
            await _nodes[i].RunAsync($"CLUSTER SET-CONFIG-EPOCH {i + 1}");
            if (i > 0)
                await _nodes[i].RunAsync($"CLUSTER MEET 127.0.0.1 {_nodes[0].Port} {buses[0]}");
        }

        await WhenWholeAsync();
    }

    // By itself a node takes the port 10000 above its own for the others, which need not be free, nor be one.
    private static Task<RedisServer> StartNodeAsync(int bus, string[] settings) => RedisServer.StartAsync([
        "--cluster-enabled", "yes", "--cluster-port", Text(bus), "--cluster-node-timeout", Text(NodeTimeout), .. settings]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

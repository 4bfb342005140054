using System.Globalization;

namespace HookGateway.Testing.Redis;

/// <summary>A real Cluster of three primaries on free loopback ports, each with a third of the slots.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Count = 3;
    private const int Slots = 16384;
    private const int NodeTimeout = 1000;

    private readonly List<RedisServer> _nodes = [];

    private RedisCluster()
    {
    }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<RedisServer> Nodes => _nodes;

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

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    private async Task BeginAsync(string[] settings)
    {
        // By itself a node takes the port 10000 above its own for the others, which need not be free, nor be one.
        var buses = FreePorts.Take(Count);
        for (var i = 0; i < Count; i++)
        {
            _nodes.Add(await RedisServer.StartAsync([
                "--cluster-enabled", "yes", "--cluster-port", Text(buses[i]), "--cluster-node-timeout", Text(NodeTimeout), .. settings]));
            await _nodes[i].RunAsync($"CLUSTER ADDSLOTSRANGE {Slots * i / Count} {(Slots * (i + 1) / Count) - 1}");
            await _nodes[i].RunAsync($"CLUSTER SET-CONFIG-EPOCH {i + 1}");
            if (i > 0)
                await _nodes[i].RunAsync($"CLUSTER MEET 127.0.0.1 {_nodes[0].Port} {buses[0]}");
        }

        await WhenWholeAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

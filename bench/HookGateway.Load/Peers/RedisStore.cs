using System.Globalization;
using HookGateway.Load.Machine;
using HookGateway.Testing;
using HookGateway.Testing.Redis;

namespace HookGateway.Load.Peers;

/// <summary>A <c>redis-server</c> of the gateway's own, on the servers' CPUs, which syncs every write before it answers.</summary>
internal sealed class RedisStore : GatewayStore
{
    private const int Partitions = 4;

    private readonly ServerProcess _server;
    private readonly int _port;

    private RedisStore(ServerProcess server, int port) => (_server, _port) = (server, port);

    /// <inheritdoc/>
    public override string Yaml => $$"""{ engine: redis, connection: "127.0.0.1:{{_port}}", partitions: {{Partitions}} }""";

    /// <inheritdoc/>
    public override IReadOnlyList<int> ProcessIds => [_server.Id];

    public static async Task<RedisStore> StartAsync(Rig rig)
    {
        var port = FreePorts.Take(1)[0];
        var directory = Directory.CreateDirectory(Path.Combine(rig.Directory, $"redis-{port}")).FullName;
        return new RedisStore(
            await ServerProcess.StartAsync(
                rig.ServerCpus, port,
                "redis-server", "--port", $"{port}", "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "yes",
                "--appendfsync", "always"),
            port);
    }

    /// <summary>The server's memory: what it needs of the disk goes and comes with each rewrite of its file.</summary>
    /// <inheritdoc/>
    public override async Task<StoreSize> MeasureAsync()
    {
        var events = 0L;
        for (var partition = 0; partition < Partitions; partition++)
        {
            var newest = await RedisServer.RunAsync(_port, $"HGET {{hookgateway:{partition}}}:meta n");
            events += newest.Length == 0 ? 0 : long.Parse(newest, CultureInfo.InvariantCulture);
        }

        var memory = await RedisServer.RunAsync(_port, "INFO memory");
        var used = memory.Split("\r\n").Single(line => line.StartsWith("used_memory:", StringComparison.Ordinal));
        return new StoreSize(long.Parse(used[(used.IndexOf(':') + 1)..], CultureInfo.InvariantCulture), events);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _server.DisposeAsync();
}

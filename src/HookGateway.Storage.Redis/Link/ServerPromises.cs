using HookGateway.Configuration;
using HookGateway.Store;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Link;

/// <summary>What the primaries promise, held against what the configuration asks for.</summary>
internal static class ServerPromises
{
    private static readonly Version Least = new(7, 0);

    /// <exception cref="StoreException">A server is too old, may drop keys by itself, or promises less than the configuration asks for.</exception>
    public static async Task CheckAsync(ConnectionMultiplexer multiplexer, RedisStoreOptions options, ILogger logger)
    {
        foreach (var server in multiplexer.GetServers().Where(server => server.IsConnected && !server.IsReplica))
        {
            var info = (await server.InfoAsync().ConfigureAwait(false))
                .SelectMany(section => section)
                .GroupBy(pair => pair.Key)
                .ToDictionary(pairs => pairs.Key, pairs => pairs.First().Value);
            Check(server, info);
            await CheckDurabilityAsync(server, info, options.Durability, logger).ConfigureAwait(false);
        }
    }

    private static void Check(IServer server, Dictionary<string, string> info)
    {
        // Valkey keeps calling itself 7.2.4 where it is asked for the version of Redis.
        if (server.Version < Least)
            throw new StoreException($"Redis {server.Version} at {server.EndPoint} is too old: the gateway needs {Least} or later.");

        if (info.GetValueOrDefault("maxmemory_policy") is { } policy && policy != "noeviction")
        {
            throw new StoreException(
                $"Redis at {server.EndPoint} drops keys when memory is short (maxmemory-policy {policy}), and events with them. Set maxmemory-policy noeviction.");
        }
    }

    private static async Task CheckDurabilityAsync(
        IServer server, Dictionary<string, string> info, StorageDurability durability, ILogger logger)
    {
        var appends = info.GetValueOrDefault("aof_enabled") == "1";
        var syncs = appends ? await FindAppendSyncAsync(server).ConfigureAwait(false) : null;
        var endPoint = server.EndPoint.ToString()!;
        switch (durability)
        {
            case StorageDurability.Memory when !appends:
                StoreLog.MemoryOnly(logger, endPoint);
                return;

            case StorageDurability.Memory when syncs is not (null or "always"):
                StoreLog.SyncsLater(logger, endPoint, syncs);
                return;

            case StorageDurability.Memory:
                return;

            case StorageDurability.Fsync when !appends:
                throw new StoreException(
                    $"storage.durability is fsync, but Redis at {endPoint} keeps no append-only file. Set appendonly yes and appendfsync always there, or storage.durability: memory.");

            case StorageDurability.Fsync when syncs is null:
                StoreLog.SyncUnknown(logger, endPoint);
                return;

            case StorageDurability.Fsync when syncs != "always":
                throw new StoreException(
                    $"storage.durability is fsync, but Redis at {endPoint} answers before its disk has it (appendfsync {syncs}). Set appendfsync always there, or storage.durability: memory.");
        }
    }

    /// <summary><see langword="null"/> where the server does not tell: providers often forbid CONFIG.</summary>
    private static async Task<string?> FindAppendSyncAsync(IServer server)
    {
        try
        {
            var answer = (RedisResult[]?)await server.ExecuteAsync("CONFIG", "GET", "appendfsync").ConfigureAwait(false);
            return answer is [_, var value] ? (string?)value : null;
        }
        catch (RedisServerException)
        {
            return null;
        }
    }
}

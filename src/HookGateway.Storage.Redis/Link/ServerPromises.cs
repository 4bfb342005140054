using HookGateway.Configuration;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Link;

/// <summary>What the primaries promise, held against what the configuration asks for.</summary>
internal static class ServerPromises
{
    private static readonly Version Least = new(7, 0);

    /// <summary>
    /// Refused where a primary is too old, may drop keys by itself, or promises less than the configuration asks for.
    /// <see langword="null"/> where no primary is to be seen.
    /// </summary>
    public static async Task<StoreCondition?> ReadAsync(IConnectionMultiplexer multiplexer, StorageDurability durability)
    {
        var conditions = new List<StoreCondition>();
        foreach (var server in multiplexer.GetServers().Where(server => server.IsConnected && !server.IsReplica))
            conditions.Add(await ReadAsync(server, durability).ConfigureAwait(false));

        return conditions.Count == 0 ? null : new StoreCondition
        {
            Refusal = conditions.FirstOrDefault(condition => condition.Refusal is not null)?.Refusal,
            Warnings = [.. conditions.SelectMany(condition => condition.Warnings)],
        };
    }

    private static async Task<StoreCondition> ReadAsync(IServer server, StorageDurability durability)
    {
        // Valkey keeps calling itself 7.2.4 where it is asked for the version of Redis.
        if (server.Version < Least)
            return Refused($"Redis {server.Version} at {server.EndPoint} is too old: the gateway needs {Least} or later.");

        var info = (await server.InfoAsync().ConfigureAwait(false))
            .SelectMany(section => section)
            .GroupBy(pair => pair.Key)
            .ToDictionary(pairs => pairs.Key, pairs => pairs.First().Value);
        if (info.GetValueOrDefault("maxmemory_policy") is { } policy && policy != "noeviction")
        {
            return Refused(
                $"Redis at {server.EndPoint} drops keys when memory is short (maxmemory-policy {policy}), and events with them. Set maxmemory-policy noeviction.");
        }

        var appends = info.GetValueOrDefault("aof_enabled") == "1";
        var syncs = appends ? await FindAppendSyncAsync(server).ConfigureAwait(false) : null;
        return durability == StorageDurability.Fsync ? HoldToFsync(server, appends, syncs) : Weigh(server, appends, syncs);
    }

    private static StoreCondition HoldToFsync(IServer server, bool appends, string? syncs) => (appends, syncs) switch
    {
        (false, _) => Refused(
            $"storage.durability is fsync, but Redis at {server.EndPoint} keeps no append-only file. Set appendonly yes and appendfsync always there, or storage.durability: memory."),
        (_, null) => Warned(
            $"Redis at {server.EndPoint} does not tell when it syncs its append-only file. Without appendfsync always a crash loses acknowledged events."),
        (_, "always") => StoreCondition.Sound,
        _ => Refused(
            $"storage.durability is fsync, but Redis at {server.EndPoint} answers before its disk has it (appendfsync {syncs}). Set appendfsync always there, or storage.durability: memory."),
    };

    private static StoreCondition Weigh(IServer server, bool appends, string? syncs) => (appends, syncs) switch
    {
        (false, _) => Warned($"Redis at {server.EndPoint} keeps no append-only file: when it ends, every event that is not delivered is lost."),
        (_, null or "always") => StoreCondition.Sound,
        _ => Warned(
            $"Redis at {server.EndPoint} answers before its disk has an event (appendfsync {syncs}): when it crashes, about a second of acknowledged events is lost."),
    };

    private static StoreCondition Refused(string why) => new() { Refusal = why };

    private static StoreCondition Warned(string of) => new() { Warnings = [of] };

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

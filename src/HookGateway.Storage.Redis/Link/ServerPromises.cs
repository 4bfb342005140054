using System.Globalization;
using HookGateway.Configuration;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Link;

/// <summary>What the primaries promise, held against what the configuration asks for.</summary>
internal static class ServerPromises
{
    private static readonly Version Least = new(7, 0);
    private static readonly TimeSpan PatienceWithReplica = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Refused where a primary is too old, may drop keys by itself, or promises less than the configuration asks for, and where two are
    /// the primary. <see langword="null"/> where none is to be seen.
    /// </summary>
    public static async Task<SeenPromises?> ReadAsync(IConnectionMultiplexer multiplexer, StorageDurability durability)
    {
        var primaries = new List<IServer>();
        var seen = new List<SeenPromises>();
        foreach (var server in multiplexer.GetServers().Where(server => server.IsConnected))
        {
            if (await FindInfoAsync(server).ConfigureAwait(false) is not { } info || info.GetValueOrDefault("role") != "master")
                continue;

            primaries.Add(server);
            seen.Add(await ReadAsync(server, info, durability).ConfigureAwait(false));
        }

        if (seen.Count == 0)
            return null;

        // Only a Cluster has more than one.
        var isCluster = primaries.Exists(server => server.ServerType == ServerType.Cluster);
        if (primaries.Count > 1 && !isCluster)
        {
            return new SeenPromises(
                Refused(
                    $"{string.Join(" and ", primaries.Select(server => server.EndPoint))} all say that they are the primary: one of them does not have what the other stores. Make it a replica (REPLICAOF); a Sentinel does so by itself."),
                seen.Min(one => one.Replicas))
            {
                AreTwo = true,
            };
        }

        var condition = new StoreCondition
        {
            Refusal = seen.Select(one => one.Condition.Refusal).FirstOrDefault(refusal => refusal is not null),
            Warnings = [.. seen.SelectMany(one => one.Condition.Warnings)],
        };
        return new SeenPromises(condition, seen.Min(one => one.Replicas)) { Primary = isCluster ? null : primaries[0].EndPoint };
    }

    /// <summary><see langword="null"/> where a replica does not answer: nothing is asked of it.</summary>
    private static async Task<Dictionary<string, string>?> FindInfoAsync(IServer server)
    {
        try
        {
            var asking = server.InfoAsync();
            var info = await (server.IsReplica ? asking.WaitAsync(PatienceWithReplica) : asking).ConfigureAwait(false);
            return info.SelectMany(section => section).GroupBy(pair => pair.Key).ToDictionary(pairs => pairs.Key, pairs => pairs.First().Value);
        }
        catch (Exception e) when (server.IsReplica && RedisFailure.Is(e))
        {
            return null;
        }
    }

    private static async Task<SeenPromises> ReadAsync(IServer server, Dictionary<string, string> info, StorageDurability durability)
    {
        // Valkey keeps calling itself 7.2.4 where it is asked for the version of Redis.
        if (server.Version < Least)
            return new(Refused($"Redis {server.Version} at {server.EndPoint} is too old: the gateway needs {Least} or later."), 0);

        if (info.GetValueOrDefault("maxmemory_policy") is { } policy && policy != "noeviction")
        {
            return new(
                Refused(
                    $"Redis at {server.EndPoint} drops keys when memory is short (maxmemory-policy {policy}), and events with them. Set maxmemory-policy noeviction."),
                0);
        }

        var appends = info.GetValueOrDefault("aof_enabled") == "1";
        if (durability == StorageDurability.Replicated)
        {
            // It says how many good replicas there are only where it writes with no fewer than some.
            var needsReplicas = info.ContainsKey("min_slaves_good_slaves");
            var replicas = needsReplicas ? await FindSettingAsync(server, "min-replicas-to-write").ConfigureAwait(false) : "0";
            return HoldToReplicas(server, appends, replicas is null ? null : int.Parse(replicas, CultureInfo.InvariantCulture));
        }

        var syncs = appends ? await FindSettingAsync(server, "appendfsync").ConfigureAwait(false) : null;
        return new(durability == StorageDurability.Fsync ? HoldToFsync(server, appends, syncs) : Weigh(server, appends, syncs), 0);
    }

    private static SeenPromises HoldToReplicas(IServer server, bool appends, int? replicas) => replicas switch
    {
        0 => new(
            Refused(
                $"storage.durability is replicated, but Redis at {server.EndPoint} writes without replicas as well. Set min-replicas-to-write (1 or more) and min-replicas-max-lag there, or storage.durability: fsync."),
            0),
        null => new(
            Warned(
                $"Redis at {server.EndPoint} does not tell with how many replicas it writes (min-replicas-to-write). An event is acknowledged once one has it."),
            1),
        { } count when !appends => new(
            Warned(
                $"Redis at {server.EndPoint} keeps no append-only file: where it starts again before a replica takes over, it is empty, and its replicas become so."),
            count),
        { } count => new(StoreCondition.Sound, count),
    };

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
    private static async Task<string?> FindSettingAsync(IServer server, string name)
    {
        try
        {
            var answer = (RedisResult[]?)await server.ExecuteAsync("CONFIG", "GET", name).ConfigureAwait(false);
            return answer is [_, var value] ? (string?)value : null;
        }
        catch (RedisServerException)
        {
            return null;
        }
    }
}

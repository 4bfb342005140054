using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>Named states, who leads, and which destinations are paused.</summary>
internal sealed class NamedStates(RedisLink link)
{
    // Few, and asked for together.
    public const int PausesPartition = 0;

    public async Task<NamedState?> FindAsync(string name)
    {
        var fields = await link.RunAsync(
            database => database.HashGetAsync(link.Partitions.Key(link.Partitions.Of(name), $"s:{name}"), ["v", "s"])).ConfigureAwait(false);
        return fields[0].IsNull ? null : new NamedState((long)fields[0], (byte[])fields[1]!);
    }

    public async Task<long?> TrySetAsync(string name, long version, ReadOnlyMemory<byte> value) => (long?)await link.RunAsync(
        RedisScript.SetState, link.Partitions.Of(name), [RedisValue.EmptyString, name, version, value, StoreVersion.Draw()]).ConfigureAwait(false);

    public async Task<bool> TryLeadAsync(string name, string holder, TimeSpan ttl) => (bool)await link.RunAsync(
        RedisScript.Lead, link.Partitions.Of(name), [RedisValue.EmptyString, name, holder, (long)ttl.TotalMilliseconds]).ConfigureAwait(false);

    public Task SetPausedAsync(string destination, bool paused) =>
        link.RunDurablyAsync(RedisScript.Pause, PausesPartition, [RedisValue.EmptyString, destination, paused ? 1 : 0]);

    public async Task<IReadOnlyList<PausedDestination>> PausedAsync()
    {
        var fields = await link.RunAsync(database => database.HashGetAllAsync(link.Partitions.Key(PausesPartition, "paused"))).ConfigureAwait(false);
        return
        [
            .. fields.Select(field => new PausedDestination(field.Name!, DateTimeOffset.FromUnixTimeMilliseconds((long)field.Value)))
                .OrderBy(paused => paused.Destination, StringComparer.Ordinal),
        ];
    }
}

using System.Globalization;
using System.Security.Cryptography;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Link;

/// <summary>How the store is laid out: decided by the first gateway, followed by all others.</summary>
internal static class StoreLayout
{
    private const int Format = 1;
    private const int MostTags = 4096;

    /// <exception cref="StoreException">A newer gateway has laid it out.</exception>
    public static async Task<PartitionMap> OpenAsync(IDatabase database, RedisStoreOptions options)
    {
        RedisKey key = $"{PartitionMap.Tag(options.Prefix, 0)}:store";
        var format = await DecideAsync(database, key, "format", Format).ConfigureAwait(false);
        if (format != Format)
        {
            throw new StoreException(
                $"The events under '{options.Prefix}' in Redis are of version {format}, which a newer gateway made. Use that version, or another storage.prefix.");
        }

        var partitions = await DecideAsync(database, key, "partitions", options.Partitions).ConfigureAwait(false);
        var tag = await DecideAsync(database, key, "tag", RandomNumberGenerator.GetInt32(MostTags)).ConfigureAwait(false);
        return new PartitionMap(options.Prefix, partitions, tag);
    }

    private static async Task<int> DecideAsync(IDatabase database, RedisKey key, string field, int value)
    {
        await database.HashSetAsync(key, field, value, When.NotExists).ConfigureAwait(false);
        return int.Parse((string)(await database.HashGetAsync(key, field).ConfigureAwait(false))!, CultureInfo.InvariantCulture);
    }
}

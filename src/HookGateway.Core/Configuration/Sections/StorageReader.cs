using HookGateway.Configuration.Reading;
using HookGateway.Store;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>storage</c>.</summary>
internal static class StorageReader
{
    private static readonly Kind<string> Engine = Kinds.OneOf(("sqlite", "sqlite"), ("redis", "redis"));
    private static readonly Kind<TimeSpan> Kept = Kinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650));

    private static readonly Kind<StorageDurability> Durability =
        Kinds.OneOf(("memory", StorageDurability.Memory), ("fsync", StorageDurability.Fsync), ("replicated", StorageDurability.Replicated));

    private static readonly Kind<string> Prefix = Kinds.Matching(
        "letters, digits, '-', '_', '.' and ':', 64 at most",
        text => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':'));

    public static StorageConfiguration Read(MappingReader storage)
    {
        var defaults = new StorageConfiguration();
        storage.NotYet("maxBytes");
        return ReadRedis(storage, defaults with
        {
            Engine = storage.Value("engine", Engine, defaults.Engine),
            Path = storage.Value("path", Kinds.Text, defaults.Path),
        });
    }

    private static StorageConfiguration ReadRedis(MappingReader storage, StorageConfiguration read)
    {
        var isRedis = read.Engine == "redis";
        foreach (var key in (ReadOnlySpan<string>)["connection", "prefix", "partitions", "durability"])
        {
            if (!isRedis && storage.Has(key))
                storage.Fault(key, "needs engine: redis");
        }

        return read with
        {
            Connection = isRedis ? storage.Required("connection", Kinds.Text, "") : storage.Value("connection", Kinds.Text, ""),
            Prefix = storage.Value("prefix", Prefix, read.Prefix),
            Partitions = storage.Value("partitions", Kinds.Integer(1, 1024), read.Partitions),
            Durability = storage.Value("durability", Durability, read.Durability),
            Retention = storage.Section("retention", retention => ReadRetention(retention, isRedis), Limits(read.Retention, isRedis)),
        };
    }

    private static RetentionLimits ReadRetention(MappingReader retention, bool isRedis)
    {
        var defaults = Limits(new StorageConfiguration().Retention, isRedis);
        if (!isRedis && retention.Has("bodies"))
            retention.Fault("bodies", "needs engine: redis");

        return new RetentionLimits(
            retention.Value("delivered", Kept, defaults.Delivered),
            retention.Value("dead", Kept, defaults.Dead))
        {
            Bodies = defaults.Bodies is { } bodies ? retention.Value("bodies", Kept, bodies) : null,
        };
    }

    // Memory is what Redis has least of.
    private static RetentionLimits Limits(RetentionLimits limits, bool isRedis) =>
        isRedis ? limits with { Delivered = TimeSpan.FromHours(1), Bodies = TimeSpan.FromMinutes(15) } : limits;
}

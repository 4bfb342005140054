using HookGateway.Configuration.Reading;
using HookGateway.Store;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>storage</c>.</summary>
internal static class StorageReader
{
    private static readonly Kind<string> Engine = Kinds.OneOf(("sqlite", "sqlite"));
    private static readonly Kind<TimeSpan> Kept = Kinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650));

    public static StorageConfiguration Read(MappingReader storage)
    {
        var defaults = new StorageConfiguration();
        if (storage.IsWord("engine", "redis"))
            storage.Fault("engine", "redis is not supported by this version");
        storage.NotYet("connection", "prefix", "durability", "maxBytes");
        return new StorageConfiguration
        {
            Engine = storage.IsWord("engine", "redis") ? defaults.Engine : storage.Value("engine", Engine, defaults.Engine),
            Path = storage.Value("path", Kinds.Text, defaults.Path),
            Retention = storage.Section("retention", ReadRetention, defaults.Retention),
        };
    }

    private static RetentionLimits ReadRetention(MappingReader retention)
    {
        var defaults = new StorageConfiguration().Retention;
        retention.NotYet("bodies");
        return new RetentionLimits(
            retention.Value("delivered", Kept, defaults.Delivered),
            retention.Value("dead", Kept, defaults.Dead));
    }
}

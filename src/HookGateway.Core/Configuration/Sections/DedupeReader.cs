using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>dedupe</c> of a source.</summary>
internal static class DedupeReader
{
    private static readonly Kind<TimeSpan> Window = Kinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));

    public static DedupeConfiguration Read(MappingReader dedupe)
    {
        var joinAll = dedupe.IsMapping("id");
        return new DedupeConfiguration
        {
            Window = dedupe.Value("window", Window, new DedupeConfiguration().Window),
            Id = joinAll
                ? dedupe.Section("id", id => id.RequiredList("all", Kinds.Expression), [])
                : dedupe.List("id", Kinds.Expression, []),
            JoinAll = joinAll,
        };
    }
}

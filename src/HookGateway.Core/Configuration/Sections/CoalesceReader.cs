using HookGateway.Configuration.Reading;
using HookGateway.Verify;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>coalesce</c> of a source.</summary>
internal static class CoalesceReader
{
    private static readonly Kind<TimeSpan> Quiet = Kinds.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
    private static readonly Kind<TimeSpan> Max = Kinds.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));

    // What stands there is replaced in the body as it was sent, so it must be found there.
    private static readonly Kind<string> Path = Kinds.Matching(
        "a plain path of names and indexes, such as updates or data.changes[0]", text => JsonPath.TryParse(text) is not null);

    public static CoalesceConfiguration Read(MappingReader coalesce)
    {
        var defaults = new CoalesceConfiguration { Events = [] };
        var read = new CoalesceConfiguration
        {
            Events = coalesce.RequiredList("events", Kinds.EventPattern),
            Complete = coalesce.Value("complete", Kinds.Expression),
            Quiet = coalesce.Value("quiet", Quiet, defaults.Quiet),
            Max = coalesce.Value("max", Max, defaults.Max),
            Updates = coalesce.Section("updates", ReadUpdates, defaults.Updates),
        };
        if (read.Max < read.Quiet)
            coalesce.Fault("max", $"shorter than quiet, {Duration.Format(read.Quiet)}: what is held would never wait for that");
        return read;
    }

    private static UpdatesConfiguration ReadUpdates(MappingReader updates)
    {
        var defaults = new UpdatesConfiguration();
        return new UpdatesConfiguration
        {
            List = updates.Value("list", Path, defaults.List),
            Field = updates.Value("field", Path, defaults.Field),
            Value = updates.Value("value", Path, defaults.Value),
            Timestamp = updates.Value("timestamp", Path, defaults.Timestamp),
        };
    }
}

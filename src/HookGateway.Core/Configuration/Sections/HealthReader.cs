using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>health</c> of a destination.</summary>
internal static class HealthReader
{
    private static readonly Kind<TimeSpan> Interval = Kinds.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
    private static readonly Kind<TimeSpan> Timeout = Kinds.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));

    private static readonly Kind<string> Path = Kinds.Matching(
        "a path such as /health, without a query", text => text.StartsWith('/') && text.All(c => c is > ' ' and <= '~' and not ('?' or '#')));

    public static HealthConfiguration Read(MappingReader health)
    {
        if (!health.Has("active") && !health.Has("passive"))
            health.FaultHere("needs active or passive");
        return new HealthConfiguration
        {
            Active = health.Section<ActiveHealthConfiguration?>("active", ReadActive, null),
            Passive = health.Value("passive", Kinds.Switch),
        };
    }

    private static ActiveHealthConfiguration ReadActive(MappingReader active)
    {
        var defaults = new ActiveHealthConfiguration();
        return new ActiveHealthConfiguration
        {
            Path = active.Value("path", Path, defaults.Path),
            Interval = active.Value("interval", Interval, defaults.Interval),
            Timeout = active.Value("timeout", Timeout, defaults.Timeout),
        };
    }
}

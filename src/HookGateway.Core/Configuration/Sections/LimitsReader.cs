using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>limits</c>.</summary>
internal static class LimitsReader
{
    private static readonly Kind<long> BodySize = Kinds.Size(1, 64 * 1024 * 1024);
    private static readonly Kind<TimeSpan> Timeout = Kinds.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
    private static readonly Kind<int> Requests = Kinds.Integer(1, 1_000_000);

    public static LimitsConfiguration Read(MappingReader limits)
    {
        var defaults = new LimitsConfiguration();
        return new LimitsConfiguration
        {
            BodySize = limits.Value("bodySize", BodySize, defaults.BodySize),
            RequestTimeout = limits.Value("requestTimeout", Timeout, defaults.RequestTimeout),
            ConcurrentRequests = limits.Value("concurrentRequests", Requests, defaults.ConcurrentRequests),
        };
    }
}

using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads one of <c>destinations</c>.</summary>
internal static class DestinationReader
{
    private static readonly Uri Placeholder = new("http://localhost");
    private static readonly Kind<TimeSpan> Timeout = Kinds.Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
    private static readonly Kind<TimeSpan> Wait = Kinds.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(30));
    private static readonly Kind<TimeSpan> BreakerTime = Kinds.Duration(TimeSpan.FromMilliseconds(500), TimeSpan.FromDays(1));
    private static readonly Kind<int> Concurrency = Kinds.Integer(1, 1024);
    private static readonly Kind<int> Attempts = Kinds.Integer(1, 1000);
    private static readonly Kind<TimeSpan> Age = Kinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(365));
    private static readonly Kind<StatusRange> Failure =
        new("a status from 300 to 599, several such as 400-404, or a class such as 4xx", StatusRange.TryParse);

    private static readonly Kind<RateLimitConfiguration> Rate =
        new("a rate from 1 to 1000000 a second, minute or hour, such as 50/s, 300/m or 10000/h", RateLimitConfiguration.TryParse);

    private static readonly Kind<int> Minimum = Kinds.Integer(2, 1_000_000);
    private static readonly Kind<double> Factor = Kinds.Number(1, 1000);
    private static readonly Kind<double> Share = Kinds.Number(0, 1);
    private static readonly Kind<double> ShareAboveZero = Kinds.Number(0.001, 1);

    public static DestinationConfiguration Read(string name, MappingReader destination)
    {
        destination.NotYet(
            "auth", "forwardHeaders", "health", "loadBalancing", "order", "proxy", "sign", "tls",
            "urls");
        var defaults = new DestinationConfiguration { Name = name, Url = Placeholder };
        return new DestinationConfiguration
        {
            Name = name,
            Url = destination.Required("url", Kinds.Url, Placeholder),
            Timeout = destination.Value("timeout", Timeout, defaults.Timeout),
            Concurrency = destination.Value("concurrency", Concurrency, defaults.Concurrency),
            RateLimit = destination.Value("rateLimit", Rate),
            Retry = destination.Section("retry", ReadRetry, defaults.Retry),
            Breaker = destination.Section("breaker", ReadBreaker, defaults.Breaker),
            Template = TemplateReader.Read(destination),
            Headers = destination.Section("headers", HeadersReader.Read, []),
        };
    }

    private static RetryConfiguration ReadRetry(MappingReader retry)
    {
        var defaults = new RetryConfiguration();
        var configuration = new RetryConfiguration
        {
            Attempts = retry.Value("attempts", Attempts, defaults.Attempts),
            First = retry.Value("first", Wait, defaults.First),
            Factor = retry.Value("factor", Factor, defaults.Factor),
            Max = retry.Value("max", Wait, defaults.Max),
            Jitter = retry.Value("jitter", Share, defaults.Jitter),
            MaxAge = retry.Has("maxAge") ? retry.Value("maxAge", Age, TimeSpan.FromDays(1)) : null,
            GiveUpOn = retry.List("giveUpOn", Failure, defaults.GiveUpOn, mayBeEmpty: true),
        };
        if (configuration.Max < configuration.First)
            retry.Fault("max", "shorter than the first wait");
        if (configuration.GiveUpOn.Any(range => range.Contains(429) || range.Contains(503)))
            retry.Warn("giveUpOn", "takes in 429 or 503, with which a destination that is busy asks to be tried again later");
        return configuration;
    }

    private static BreakerConfiguration ReadBreaker(MappingReader breaker)
    {
        var defaults = new BreakerConfiguration();
        return new BreakerConfiguration
        {
            Failures = breaker.Value("failures", ShareAboveZero, defaults.Failures),
            Minimum = breaker.Value("minimum", Minimum, defaults.Minimum),
            Window = breaker.Value("window", BreakerTime, defaults.Window),
            Pause = breaker.Value("pause", BreakerTime, defaults.Pause),
        };
    }
}

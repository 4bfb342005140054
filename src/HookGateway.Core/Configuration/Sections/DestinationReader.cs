using System.Collections.Frozen;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads one of <c>destinations</c>.</summary>
internal static class DestinationReader
{
    private const int MaxUrls = 64;

    private static readonly string[] Policies =
        ["PowerOfTwoChoices", "LeastRequests", "RoundRobin", "Random", "FirstAlphabetical"];

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

    private static readonly Kind<string> LoadBalancing = Kinds.OneOf([.. Policies.Select(policy => (policy, policy))]);

    private static readonly Kind<OrderOnDead> OnDead = Kinds.OneOf(("skip", OrderOnDead.Skip), ("block", OrderOnDead.Block));

    private static readonly FrozenSet<string> SignatureHeaders = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "webhook-id", "webhook-timestamp", "webhook-signature");

    public static DestinationConfiguration Read(string name, MappingReader destination, VariableValue.Map vars)
    {
        var defaults = new DestinationConfiguration { Name = name, Url = Placeholder };
        var urls = ReadUrls(destination);
        var configuration = new DestinationConfiguration
        {
            Name = name,
            Url = urls[0],
            Urls = urls,
            LoadBalancing = destination.Value("loadBalancing", LoadBalancing, defaults.LoadBalancing),
            Health = destination.Section("health", HealthReader.Read, defaults.Health),
            Tls = destination.Section("tls", TlsReader.Read, null),
            Proxy = ReadProxy(destination),
            Timeout = destination.Value("timeout", Timeout, defaults.Timeout),
            Concurrency = destination.Value("concurrency", Concurrency, defaults.Concurrency),
            RateLimit = destination.Value("rateLimit", Rate),
            Order = destination.Value("order", Kinds.Switch),
            OrderOnDead = destination.Value("orderOnDead", OnDead, defaults.OrderOnDead),
            Retry = destination.Section("retry", ReadRetry, defaults.Retry),
            Breaker = destination.Section("breaker", ReadBreaker, defaults.Breaker),
            Template = TemplateReader.Read(destination) is { } template ? template with { Vars = vars } : null,
            Headers = destination.Section("headers", HeadersReader.Read, []),
            ForwardHeaders = ForwardHeadersReader.Read(destination),
            SigningSecrets = destination.Section("sign", ReadSign, []),
            Auth = destination.Section("auth", AuthReader.Read, null),
        };
        CheckHeaders(destination, configuration);
        if (destination.Has("orderOnDead") && !configuration.Order)
            destination.Warn("orderOnDead", "means nothing without order: true");
        return configuration;
    }

    private static IReadOnlyList<Uri> ReadUrls(MappingReader destination)
    {
        if (!destination.Has("urls"))
            return [destination.Required("url", Kinds.Url, Placeholder)];
        if (destination.Has("url"))
            destination.Fault("urls", "there is a url already: one of the two");
        var urls = destination.List("urls", Kinds.Url, []);
        if (urls.Count > MaxUrls)
            destination.Fault("urls", $"{MaxUrls} at most");
        return urls.Count > 0 ? urls : [Placeholder];
    }

    private static Uri? ReadProxy(MappingReader destination)
    {
        var proxy = destination.Value("proxy", Kinds.Url);
        if (proxy is { Scheme: not "http" } or { PathAndQuery: not "/" })
            destination.Fault("proxy", "expected http:// with a host and a port alone, such as http://proxy.internal:3128");
        return proxy;
    }

    private static IReadOnlyList<string> ReadSign(MappingReader sign) =>
        sign.RequiredList("secrets", SecretKind.Of(SecretEncoding.Base64));

    /// <summary>Headers win over everything: what they would break must not stand among them.</summary>
    private static void CheckHeaders(MappingReader destination, DestinationConfiguration configuration)
    {
        foreach (var (name, _) in configuration.Headers)
        {
            if (configuration.SigningSecrets.Count > 0 && SignatureHeaders.Contains(name))
                destination.Fault("headers", $"{name} is what sign writes");
            var written = configuration.Auth is AuthConfiguration.ApiKey key ? key.InQuery ? null : key.Name : "Authorization";
            if (configuration.Auth is not null && string.Equals(name, written, StringComparison.OrdinalIgnoreCase))
                destination.Fault("headers", $"{name} is what auth writes");
        }
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

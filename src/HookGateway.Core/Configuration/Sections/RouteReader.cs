using System.Globalization;
using HookGateway.Configuration.Reading;
using HookGateway.Route;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>routes</c>, once the names of sources and destinations are known.</summary>
internal sealed class RouteReader(IReadOnlyCollection<string> sources, IReadOnlyCollection<string> destinations)
{
    private static readonly Kind<string> Label =
        Kinds.Matching("a name of 1 to 64 characters", text => text.Length is > 0 and <= 64 && !text.Any(char.IsControl));

    private static readonly Kind<bool> Mode = Kinds.OneOf(("deliver", false), ("proxy", true));

    private readonly Kind<string> _source = Kinds.NameOf("source", sources);
    private readonly Kind<string> _destination = Kinds.NameOf("destination", destinations);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<RouteConfiguration> _proxies = [];

    public RouteConfiguration Read(int position, MappingReader route)
    {
        var name = route.Value("name", Label, string.Create(CultureInfo.InvariantCulture, $"route-{position + 1}"));
        if (!_names.Add(name))
            route.Fault("name", "another route has this name");
        var configuration = new RouteConfiguration
        {
            Name = name,
            Source = route.Required("source", _source, ""),
            Events = route.List("events", Kinds.EventPattern, ["*"]),
            Where = route.Value("where", Kinds.Condition),
            IsProxy = route.Value("mode", Mode),
            Dedupes = route.Value("dedupe", Kinds.Switch),
            To = route.RequiredList("to", _destination),
        };
        if (configuration.IsProxy)
            CheckProxy(route, configuration);
        else if (route.Has("dedupe"))
            route.Fault("dedupe", "is for mode: proxy; what is stored is deduplicated as the source's dedupe says");
        return configuration;
    }

    /// <summary>A request has one answer: one destination, and no other route that would give one as well.</summary>
    private void CheckProxy(MappingReader route, RouteConfiguration proxy)
    {
        if (proxy.To.Count > 1)
            route.Fault("to", "mode: proxy takes one destination: the caller gets its answer");

        // One with a where before it leaves the rest to this one: which requests that are, only their bodies say.
        var before = _proxies.FirstOrDefault(other => other.Where is null && other.Source == proxy.Source
            && other.Events.Any(pattern => proxy.Events.Any(own => Glob.Overlap(pattern, own))));
        if (before is not null)
            route.Fault("events", $"route {Quote.Of(before.Name)} takes some of these before it, and one mode: proxy route can take an event");
        _proxies.Add(proxy);
    }
}

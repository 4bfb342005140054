using System.Globalization;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>routes</c>, once the names of sources and destinations are known.</summary>
internal sealed class RouteReader(IReadOnlyCollection<string> sources, IReadOnlyCollection<string> destinations)
{
    private static readonly Kind<string> Label =
        Kinds.Matching("a name of 1 to 64 characters", text => text.Length is > 0 and <= 64 && !text.Any(char.IsControl));

    private static readonly Kind<string> Glob = Kinds.Matching(
        "an event's name, in which * stands for any characters", text => text.Length > 0 && !text.Any(char.IsControl));

    private readonly Kind<string> _source = Kinds.NameOf("source", sources);
    private readonly Kind<string> _destination = Kinds.NameOf("destination", destinations);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public RouteConfiguration Read(int position, MappingReader route)
    {
        route.NotYet("mode");
        var name = route.Value("name", Label, string.Create(CultureInfo.InvariantCulture, $"route-{position + 1}"));
        if (!_names.Add(name))
            route.Fault("name", "another route has this name");
        return new RouteConfiguration
        {
            Name = name,
            Source = route.Required("source", _source, ""),
            Events = route.List("events", Glob, ["*"]),
            Where = route.Value("where", Kinds.Condition),
            To = route.RequiredList("to", _destination),
        };
    }
}

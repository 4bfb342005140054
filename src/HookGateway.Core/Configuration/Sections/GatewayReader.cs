using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads the whole document: the table of contents of the configuration.</summary>
internal static class GatewayReader
{
    public static GatewayConfiguration Read(MappingReader root)
    {
        var sources = root.NamesIn("sources");
        if (sources.Count == 0 && !(root.Has("sources") && !root.IsMapping("sources")))
            root.FaultHere("needs sources: at least one");
        var routes = root.Items("routes", new RouteReader(sources.ToHashSet(), root.NamesIn("destinations").ToHashSet()).Read);
        var keyless = new HashSet<string>();
        return new GatewayConfiguration
        {
            Listen = root.Section("listen", ListenReader.Read, ListenReader.Default),
            Log = root.Section("log", LogReader.Read, new LogConfiguration()),
            Limits = root.Section("limits", LimitsReader.Read, new LimitsConfiguration()),
            Egress = root.Section("egress", EgressReader.Read, new EgressConfiguration()),
            Storage = root.Section("storage", StorageReader.Read, new StorageConfiguration()),
            Telemetry = root.Section("telemetry", TelemetryReader.Read, new TelemetryConfiguration()),
            Sources = ReadSources(root, routes, keyless),
            Destinations = ReadDestinations(root, routes, keyless, root.Section("vars", VarsReader.Read, VariableValue.Map.Empty)),
            Routes = routes,
        };
    }

    private static IReadOnlyList<SourceConfiguration> ReadSources(
        MappingReader root, IReadOnlyList<RouteConfiguration> routes, HashSet<string> keyless)
    {
        var routed = routes.Select(route => route.Source).ToHashSet();
        var paths = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        return root.Named("sources", (name, reader) =>
        {
            var source = SourceReader.Read(name, reader);
            if (!paths.TryAdd(source.Path, name))
                reader.Fault("path", $"source {Quote.Of(paths[source.Path])} has the same path");
            if (!reader.Has("key") && (source.Preset is not null || !reader.Has("preset")))
                keyless.Add(name);
            if (source.Coalesce is not null && routes.FirstOrDefault(route => route.IsProxy && route.Source == name) is { } proxy)
                reader.Fault("coalesce", $"{Quote.Of(proxy.Name)} passes its requests on at once (mode: proxy), and held events cannot wait there");
            if (!routed.Contains(name) && source.Verify is not VerifyConfiguration.Capture)
                reader.WarnHere("no route names this source: its events are stored and go nowhere");
            return source;
        });
    }

    private static IReadOnlyList<DestinationConfiguration> ReadDestinations(
        MappingReader root, IReadOnlyList<RouteConfiguration> routes, HashSet<string> keyless, VariableValue.Map vars)
    {
        var proxied = routes.Where(route => route.IsProxy).SelectMany(route => route.To).ToHashSet(StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        return root.Named("destinations", (name, reader) =>
        {
            if (!names.TryAdd(name, name))
                reader.FaultHere($"differs from {Quote.Of(names[name])} only in the case of its letters");
            var destination = DestinationReader.Read(name, reader, vars);
            if (destination.Order)
                CheckOrder(reader, routes.Where(route => route.To.Contains(name) && keyless.Contains(route.Source)));
            if (proxied.Contains(name))
                CheckProxied(reader, destination);
            return destination;
        });
    }

    /// <summary>Events without a key would pass every other by, which nobody who asks for order means.</summary>
    private static void CheckOrder(MappingReader destination, IEnumerable<RouteConfiguration> keyless)
    {
        foreach (var route in keyless.DistinctBy(route => route.Source))
        {
            destination.Fault(
                "order",
                $"source {Quote.Of(route.Source)}, which {route.Name} sends here, has no key: set sources.{route.Source}.key to what its"
                + " events are about, or send it to a destination without order");
        }
    }

    /// <summary>What a request that is passed on as it is, at once, cannot be held to.</summary>
    private static void CheckProxied(MappingReader reader, DestinationConfiguration destination)
    {
        if (destination.Template is not null)
            reader.Fault("template", "a route with mode: proxy passes the body on unchanged: name a destination of its own without template");
        if (destination.RateLimit is not null)
            reader.Fault("rateLimit", "a route with mode: proxy does not wait: name a destination of its own without rateLimit");
        if (destination.Order)
            reader.Fault("order", "a route with mode: proxy does not wait: name a destination of its own without order");
    }
}

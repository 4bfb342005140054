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
        return new GatewayConfiguration
        {
            Listen = root.Section("listen", ListenReader.Read, ListenReader.Default),
            Log = root.Section("log", LogReader.Read, new LogConfiguration()),
            Limits = root.Section("limits", LimitsReader.Read, new LimitsConfiguration()),
            Egress = root.Section("egress", EgressReader.Read, new EgressConfiguration()),
            Storage = root.Section("storage", StorageReader.Read, new StorageConfiguration()),
            Telemetry = root.Section("telemetry", TelemetryReader.Read, new TelemetryConfiguration()),
            Sources = ReadSources(root, routes),
            Destinations = ReadDestinations(root),
            Routes = routes,
        };
    }

    private static IReadOnlyList<SourceConfiguration> ReadSources(MappingReader root, IReadOnlyList<RouteConfiguration> routes)
    {
        var routed = routes.Select(route => route.Source).ToHashSet();
        var paths = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        return root.Named("sources", (name, reader) =>
        {
            var source = SourceReader.Read(name, reader);
            if (!paths.TryAdd(source.Path, name))
                reader.Fault("path", $"source {Quote.Of(paths[source.Path])} has the same path");
            if (!routed.Contains(name))
                reader.WarnHere("no route names this source: its events are stored and go nowhere");
            return source;
        });
    }

    private static IReadOnlyList<DestinationConfiguration> ReadDestinations(MappingReader root)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        return root.Named("destinations", (name, reader) =>
        {
            if (!names.TryAdd(name, name))
                reader.FaultHere($"differs from {Quote.Of(names[name])} only in the case of its letters");
            return DestinationReader.Read(name, reader);
        });
    }
}

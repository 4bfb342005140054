using HookGateway.Configuration.Reading;
using HookGateway.Configuration.Yaml;

namespace HookGateway.Configuration.Sections;

/// <summary>The presets that come with the gateway: YAML under <c>Verify/Presets</c>, embedded.</summary>
internal static class PresetLibrary
{
    private const string Folder = "presets/";
    private const string Extension = ".yaml";

    /// <summary>Their names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(PresetLibrary).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The mapping that a source of this preset starts from.</summary>
    /// <exception cref="InvalidOperationException">There is no such preset, or it is no YAML.</exception>
    public static YamlNode.Mapping Load(string name)
    {
        var resource = Folder + name + Extension;
        using var stream = typeof(PresetLibrary).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"There is no preset {name}.");
        using var reader = new StreamReader(stream);
        var faults = new FaultList(resource);
        return YamlTree.Read(reader.ReadToEnd(), faults) is { } mapping && faults.Faults.Count == 0
            ? mapping
            : throw new InvalidOperationException($"Preset {name}: {faults.Faults[0]}");
    }
}

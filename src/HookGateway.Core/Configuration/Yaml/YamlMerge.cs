namespace HookGateway.Configuration.Yaml;

/// <summary>Lays one mapping over another, as a source over its preset.</summary>
internal static class YamlMerge
{
    /// <summary>
    /// Where both have a key, mappings merge and anything else of <paramref name="over"/> replaces; its keys come first.
    /// </summary>
    public static YamlNode.Mapping Merge(YamlNode.Mapping over, YamlNode.Mapping under)
    {
        var below = under.Entries.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        var merged = new List<YamlEntry>();
        foreach (var entry in over.Entries)
        {
            merged.Add(below.Remove(entry.Key, out var preset) ? Merge(entry, preset) : entry);
        }

        merged.AddRange(under.Entries.Where(entry => below.ContainsKey(entry.Key)));
        return over with { Entries = merged };
    }

    private static YamlEntry Merge(YamlEntry over, YamlEntry under) =>
        over.Value is YamlNode.Mapping upper && under.Value is YamlNode.Mapping lower
            ? over with { Value = Merge(upper, lower) }
            : over;
}

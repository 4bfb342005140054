using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>vars</c>: mappings, lists and texts of the user's own, nested as they like.</summary>
internal sealed class VarsReader
{
    private const int MaxDepth = 8;
    private const int MaxValues = 10_000;
    private const int MaxKeyLength = 128;
    private const int MaxTextLength = 4096;

    private static readonly Kind<string> Text =
        Kinds.Matching($"text of {MaxTextLength} characters at most", text => text.Length <= MaxTextLength) with { MayBeSecret = true };

    private int _values;

    private VarsReader()
    {
    }

    public static VariableValue.Map Read(MappingReader vars)
    {
        var reader = new VarsReader();
        var map = reader.ReadMap(vars, depth: 1);
        if (reader._values > MaxValues)
            vars.FaultHere($"holds {reader._values} values: {MaxValues} at most");
        return map;
    }

    private VariableValue.Map ReadMap(MappingReader reader, int depth)
    {
        var entries = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
        foreach (var key in reader.Keys)
        {
            if (key.Length is 0 or > MaxKeyLength || key.Any(char.IsControl))
                reader.FaultKey(key, $"{Quote.Of(key)} is no key: 1 to {MaxKeyLength} characters, none of them a control character");
            if (ReadValue(reader, key, depth) is { } value)
                entries[key] = value;
        }

        return new VariableValue.Map(entries);
    }

    /// <summary>What says nothing counts as not written, so that a template's <c>default</c> takes its place.</summary>
    private VariableValue? ReadValue(MappingReader reader, string key, int depth)
    {
        if (reader.IsMapping(key))
        {
            if (depth < MaxDepth)
                return reader.Section(key, mapping => ReadMap(mapping, depth + 1), VariableValue.Map.Empty);
            reader.Fault(key, $"nested too deep: {MaxDepth} levels at most");
            return null;
        }

        var texts = reader.List(key, Text, [], mayBeEmpty: true).Where(text => text.Length > 0).ToList();
        _values += texts.Count;
        return reader.IsList(key) ? new VariableValue.List(texts) : texts.Count > 0 ? new VariableValue.Text(texts[0]) : null;
    }
}

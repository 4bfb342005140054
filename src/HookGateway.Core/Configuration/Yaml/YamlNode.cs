namespace HookGateway.Configuration.Yaml;

/// <summary>A YAML value with its place. Closed: one of the nested kinds.</summary>
internal abstract record YamlNode(Place Place)
{
    private static readonly string[] NullWords = ["", "~", "null", "Null", "NULL"];

    /// <summary>Whether it says nothing (<c>key:</c> or <c>key: ~</c>), which counts as though the key were not there.</summary>
    public bool IsNull => this is Scalar { IsPlain: true } scalar && NullWords.Contains(scalar.Text);

    /// <summary>The same value as though all of it stood at one place.</summary>
    public abstract YamlNode At(Place place);

    /// <summary>Text, a number, a word: YAML's types do not matter here, the key decides what its text must be.</summary>
    internal sealed record Scalar(Place Place, string Text, bool IsPlain) : YamlNode(Place)
    {
        public override YamlNode At(Place place) => this with { Place = place };
    }

    internal sealed record Sequence(Place Place, IReadOnlyList<YamlNode> Items) : YamlNode(Place)
    {
        public override YamlNode At(Place place) => new Sequence(place, [.. Items.Select(item => item.At(place))]);
    }

    /// <summary>No key stands in it twice.</summary>
    internal sealed record Mapping(Place Place, IReadOnlyList<YamlEntry> Entries) : YamlNode(Place)
    {
        public override Mapping At(Place place) =>
            new(place, [.. Entries.Select(entry => new YamlEntry(place, entry.Key, entry.Value.At(place)))]);
    }
}

/// <summary>One key of a mapping.</summary>
/// <param name="Place">Where the key stands.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value.</param>
internal sealed record YamlEntry(Place Place, string Key, YamlNode Value);

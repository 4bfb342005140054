using System.Text;
using System.Text.Json;

namespace HookGateway.Verify;

/// <summary>One step of the wanted paths, and the steps behind it.</summary>
internal sealed class JsonPathNode
{
    /// <summary>Where the value goes; -1 where only something within it is wanted.</summary>
    public int Slot { get; private set; } = -1;

    public (byte[] Name, JsonPathNode Node)[] Properties { get; private set; } = [];

    public (int Index, JsonPathNode Node)[] Elements { get; private set; } = [];

    /// <summary>Adds a path from here on.</summary>
    public void Add(IEnumerable<JsonPath.Step> steps, int slot)
    {
        var node = this;
        foreach (var step in steps) node = node.Child(step);
        node.Slot = slot;
    }

    /// <summary>The step to a property, by its name's bytes without escapes.</summary>
    public JsonPathNode? Property(ReadOnlySpan<byte> name)
    {
        foreach (var (wanted, node) in Properties)
        {
            if (name.SequenceEqual(wanted)) return node;
        }

        return null;
    }

    /// <summary>The step to the property whose name the reader stands on.</summary>
    public JsonPathNode? Property(in Utf8JsonReader reader)
    {
        foreach (var (name, node) in Properties)
        {
            if (reader.ValueTextEquals(name)) return node;
        }

        return null;
    }

    public JsonPathNode? Element(int index)
    {
        foreach (var (wanted, node) in Elements)
        {
            if (wanted == index) return node;
        }

        return null;
    }

    /// <summary>Forgets what was found here and below.</summary>
    public void Clear(Span<JsonSlice> found)
    {
        if (Slot >= 0) found[Slot] = default;
        foreach (var (_, node) in Properties) node.Clear(found);
        foreach (var (_, node) in Elements) node.Clear(found);
    }

    private JsonPathNode Child(JsonPath.Step step)
    {
        if (step.Name is null)
        {
            var element = Array.Find(Elements, child => child.Index == step.Index).Node;
            if (element is null) Elements = [.. Elements, (step.Index, element = new JsonPathNode())];
            return element;
        }

        var name = Encoding.UTF8.GetBytes(step.Name);
        var property = Array.Find(Properties, child => child.Name.AsSpan().SequenceEqual(name)).Node;
        if (property is null) Properties = [.. Properties, (name, property = new JsonPathNode())];
        return property;
    }
}

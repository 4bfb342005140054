using System.Diagnostics.CodeAnalysis;
using HookGateway.Configuration.Yaml;

namespace HookGateway.Configuration.Reading;

/// <summary>What reading one file needs everywhere.</summary>
internal sealed class ReadingContext(FaultList faults, Interpolation values)
{
    public FaultList Faults => faults;

    public Interpolation Values => values;

    /// <summary>Reads one value; where it is wrong, the fault is added here.</summary>
    public bool TryRead<T>(string path, YamlNode node, Kind<T> kind, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (node is not YamlNode.Scalar scalar)
        {
            faults.Add(node.Place, $"{path}: expected {kind.Expected}, not a {(node is YamlNode.Mapping ? "mapping" : "list")}");
            return false;
        }

        var text = values.Resolve(scalar.Text, fault => faults.Add(scalar.Place, $"{path}: {fault}"));
        if (text is null)
            return false;
        if (kind.TryRead(text, out value))
            return true;

        // What was put in by ${…} can be a secret: only what stands in the file is shown, and nothing is told of the rest.
        var asWritten = kind.MayBeSecret || text.Length == 0 ? "" : $", not {Quote.Of(scalar.Text)}";
        var hint = kind.Hint is not null && text == scalar.Text && !faults.AreMany ? kind.Hint(text) : "";
        faults.Add(scalar.Place, $"{path}: expected {kind.Expected}{asWritten}{hint}");
        return false;
    }
}

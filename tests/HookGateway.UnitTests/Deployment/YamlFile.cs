using HookGateway.Testing;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment;

/// <summary>A YAML file of the repository, read by paths.</summary>
internal static class YamlFile
{
    /// <summary>The documents of a file that the repository has.</summary>
    public static IReadOnlyList<YamlNode> Read(params ReadOnlySpan<string> path) => Parse(File.ReadAllText(Repository.File(path)));

    /// <summary>The documents of a text.</summary>
    public static IReadOnlyList<YamlNode> Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    /// <summary>The node at the end of the path; every step has to be there.</summary>
    public static YamlNode At(this YamlNode node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
            node = node[new YamlScalarNode(step)];
        return node;
    }

    /// <summary>The node at the end of the path, where there is one.</summary>
    public static YamlNode? Find(this YamlNode node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (node is not YamlMappingNode mapping || !mapping.Children.TryGetValue(new YamlScalarNode(step), out var next))
                return null;
            node = next;
        }

        return node;
    }

    /// <summary>The items of the sequence at a key; none where the key is not there.</summary>
    public static IEnumerable<YamlNode> ItemsAt(this YamlNode node, string key) => node.Find(key)?.Items() ?? [];

    /// <summary>A scalar's text.</summary>
    public static string Text(this YamlNode node) => ((YamlScalarNode)node).Value!;

    /// <summary>A sequence's items.</summary>
    public static IEnumerable<YamlNode> Items(this YamlNode node) => (YamlSequenceNode)node;

    /// <summary>The port of an address like <c>0.0.0.0:8443</c> at <c>listen.NAME.address</c>.</summary>
    public static string ListenPort(this YamlNode configuration, string listener) =>
        configuration.At("listen", listener, "address").Text().Split(':')[^1];
}

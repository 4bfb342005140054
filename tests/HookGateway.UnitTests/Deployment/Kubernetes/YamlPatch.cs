using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>JSON Patch (RFC 6902) on YAML: what kustomizations here use of it, and a fault for everything else.</summary>
internal static class YamlPatch
{
    /// <summary>Carries out one operation.</summary>
    /// <exception cref="InvalidOperationException">There is nothing at its path, or it is of another kind.</exception>
    public static void Apply(YamlNode document, YamlNode operation)
    {
        var path = operation.At("path").Text();
        var steps = path.Split('/').Skip(1).Select(step => step.Replace("~1", "/").Replace("~0", "~")).ToList();
        var parent = steps.SkipLast(1).Aggregate(document, (node, step) => Child(node, step) ?? throw Nothing(path));
        switch (operation.At("op").Text(), parent)
        {
            case ("add", YamlSequenceNode list):
                list.Children.Insert(steps[^1] == "-" ? list.Children.Count : Index(list, steps[^1]), operation.At("value"));
                break;
            case ("add", YamlMappingNode mapping):
                mapping.Children[new YamlScalarNode(steps[^1])] = operation.At("value");
                break;
            case ("replace", YamlMappingNode mapping) when Child(mapping, steps[^1]) is not null:
                mapping.Children[new YamlScalarNode(steps[^1])] = operation.At("value");
                break;
            case ("replace", YamlSequenceNode list):
                list.Children[Index(list, steps[^1])] = operation.At("value");
                break;
            case ("remove", YamlMappingNode mapping) when mapping.Children.Remove(new YamlScalarNode(steps[^1])):
                break;
            case ("remove", YamlSequenceNode list):
                list.Children.RemoveAt(Index(list, steps[^1]));
                break;
            default:
                throw Nothing(path);
        }
    }

    private static YamlNode? Child(YamlNode node, string step) => node switch
    {
        YamlMappingNode mapping => mapping.Find(step),
        YamlSequenceNode list => list.Children[Index(list, step)],
        _ => null,
    };

    private static int Index(YamlSequenceNode list, string step) =>
        int.TryParse(step, out var index) && index >= 0 && index < list.Children.Count ? index : throw Nothing(step);

    private static InvalidOperationException Nothing(string path) => new($"A patch cannot be made at {path}.");
}

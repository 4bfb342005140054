using System.Text.RegularExpressions;
using HookGateway.Testing;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>
/// What <c>kubectl kustomize</c> makes of a folder, without the hash in a ConfigMap's name. It knows the fields that the files
/// here use, and refuses all others: nothing is taken as rendered that is not.
/// </summary>
internal static class Kustomization
{
    private static readonly string[] Fields =
        ["apiVersion", "kind", "namespace", "resources", "components", "images", "configMapGenerator", "patches"];

    /// <summary>The objects of a folder below the repository, in the files' order.</summary>
    public static List<YamlMappingNode> Render(string folder) => Render(folder, Read(folder));

    /// <summary>The objects of a kustomization that would stand in this folder.</summary>
    public static List<YamlMappingNode> Render(string folder, YamlMappingNode kustomization)
    {
        var objects = new List<YamlMappingNode>();
        Add(folder, kustomization, "Kustomization", objects);
        return objects;
    }

    private static void Add(string folder, YamlMappingNode kustomization, string kind, List<YamlMappingNode> objects)
    {
        Expect(kustomization, Fields);
        var version = kind == "Component" ? "v1alpha1" : "v1beta1";
        Require(kustomization.At("kind").Text() == kind, $"{folder} is no {kind}");
        Require(kustomization.At("apiVersion").Text() == $"kustomize.config.k8s.io/{version}", $"{folder} is of another version");

        foreach (var resource in kustomization.ItemsAt("resources"))
            objects.AddRange(Resource(Path.Combine(folder, resource.Text())));
        foreach (var component in kustomization.ItemsAt("components"))
            Add(Path.Combine(folder, component.Text()), Read(Path.Combine(folder, component.Text())), "Component", objects);
        foreach (var generator in kustomization.ItemsAt("configMapGenerator"))
            Generate(folder, generator, objects);
        foreach (var patch in kustomization.ItemsAt("patches"))
            Patch(patch, objects);
        foreach (var image in kustomization.ItemsAt("images"))
            Rename(image, objects);
        if (kustomization.Find("namespace") is { } name)
            objects.ForEach(made => ((YamlMappingNode)made.At("metadata")).Children[new YamlScalarNode("namespace")] = name);

        var twice = objects.CountBy(Identity).FirstOrDefault(identity => identity.Value > 1);
        Require(twice.Value == 0, $"{folder} has {twice.Key} twice");
    }

    private static YamlMappingNode Read(string folder) => (YamlMappingNode)YamlFile.Read(folder, "kustomization.yaml").Single();

    private static IEnumerable<YamlMappingNode> Resource(string path) => Directory.Exists(Repository.File(path))
        ? Render(path)
        : YamlFile.Read(path).Cast<YamlMappingNode>();

    private static void Generate(string folder, YamlNode generator, List<YamlMappingNode> objects)
    {
        Expect(generator, "name", "behavior", "files", "options");
        var behavior = generator.Find("behavior")?.Text() ?? "create";
        var made = new YamlMappingNode(
            "apiVersion", "v1",
            "kind", "ConfigMap",
            "metadata", new YamlMappingNode("name", generator.At("name")),
            "data", new YamlMappingNode(generator.ItemsAt("files").SelectMany(file => new YamlNode[] { file, Content(folder, file) })));
        if (generator.Find("options") is { } options)
        {
            Require(behavior == "create", "options of what is replaced are not known here");
            Expect(options, "labels");
            ((YamlMappingNode)made.At("metadata")).Add("labels", options.At("labels"));
        }

        var before = objects.FindIndex(other => Identity(other) == Identity(made));
        Require(behavior is "create" or "replace" && (before >= 0) == (behavior == "replace"), $"{folder} cannot {behavior} {Identity(made)}");
        if (before < 0)
        {
            objects.Add(made);
        }
        else
        {
            // Its labels stay.
            objects[before].Children[new YamlScalarNode("data")] = made.At("data");
        }
    }

    private static YamlScalarNode Content(string folder, YamlNode file) => new(File.ReadAllText(Repository.File(folder, file.Text())))
    {
        Style = YamlDotNet.Core.ScalarStyle.Literal,
    };

    private static void Patch(YamlNode patch, List<YamlMappingNode> objects)
    {
        Expect(patch, "target", "patch", "options");
        var content = YamlFile.Parse(patch.At("patch").Text()).Single();
        if (content is YamlSequenceNode)
        {
            Expect(patch.At("target"), "kind", "name");
            var targets = objects.Where(made => IsTarget(patch.At("target"), made)).ToList();
            Require(targets.Count > 0, $"no object is the target {patch.At("target")}");
            foreach (var target in targets)
            {
                // A copy for each: the patches after this one may change what it puts in.
                foreach (var operation in YamlFile.Parse(patch.At("patch").Text()).Single().Items())
                    YamlPatch.Apply(target, operation);
            }
        }
        else
        {
            // Of strategic merge patches only those that take an object away.
            Expect(content, "apiVersion", "kind", "metadata", "$patch");
            Require(content.At("$patch").Text() == "delete", "only $patch: delete is known");
            Require(objects.RemoveAll(made => Identity(made) == Identity(content)) == 1, $"there is no {Identity(content)} to delete");
        }
    }

    private static bool IsTarget(YamlNode target, YamlNode made) =>
        Regex.IsMatch(made.At("kind").Text(), $"^(?:{target.At("kind").Text()})$")
        && Regex.IsMatch(made.At("metadata", "name").Text(), $"^(?:{target.At("name").Text()})$");

    private static void Rename(YamlNode image, List<YamlMappingNode> objects)
    {
        Expect(image, "name", "newName", "newTag");
        foreach (var container in objects.SelectMany(made => made.Find("spec", "template", "spec", "containers")?.Items() ?? []))
        {
            if (container.At("image").Text().Split(':')[0] == image.At("name").Text())
                ((YamlMappingNode)container).Children[new YamlScalarNode("image")] = $"{image.At("newName").Text()}:{image.At("newTag").Text()}";
        }
    }

    private static string Identity(YamlNode made) =>
        $"{made.At("apiVersion").Text()} {made.At("kind").Text()} {made.At("metadata", "name").Text()}";

    private static void Expect(YamlNode node, params string[] fields)
    {
        var unknown = ((YamlMappingNode)node).Children.Keys.Select(key => key.Text()).Except(fields).ToList();
        Require(unknown.Count == 0, $"fields that are not known here: {string.Join(", ", unknown)}");
    }

    private static void Require(bool condition, string fault)
    {
        if (!condition)
            throw new InvalidOperationException(fault);
    }
}

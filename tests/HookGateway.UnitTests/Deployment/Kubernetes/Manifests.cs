using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>Objects of Kubernetes, read into the models of its client: a field that the model lacks is a fault.</summary>
internal sealed partial class Manifests(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects)
{
    private static readonly Dictionary<string, Func<string, IKubernetesObject<V1ObjectMeta>>> Kinds = new()
    {
        ["v1 ConfigMap"] = Read<V1ConfigMap>,
        ["v1 Service"] = Read<V1Service>,
        ["apps/v1 Deployment"] = Read<V1Deployment>,
        ["apps/v1 StatefulSet"] = Read<V1StatefulSet>,
        ["autoscaling/v2 HorizontalPodAutoscaler"] = Read<V2HorizontalPodAutoscaler>,
        ["policy/v1 PodDisruptionBudget"] = Read<V1PodDisruptionBudget>,
        ["networking.k8s.io/v1 NetworkPolicy"] = Read<V1NetworkPolicy>,
        ["networking.k8s.io/v1 Ingress"] = Read<V1Ingress>,
        ["cert-manager.io/v1 Certificate"] = Read<Certificate>,
        ["snapshot.storage.k8s.io/v1 VolumeSnapshot"] = Read<VolumeSnapshot>,
        ["monitoring.coreos.com/v1 PodMonitor"] = Read<PodMonitor>,
    };

    // Where Kubernetes takes text only, and the models whatever there is.
    private static readonly string[] Texts = ["labels", "matchLabels", "annotations", "data", "env", "command", "args"];

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects => objects;

    public IReadOnlyList<Workload> Workloads => [.. objects.Select(Workload.Of).OfType<Workload>()];

    public Workload Gateway => Workloads.Single(workload => workload.Name == "hookgateway");

    /// <summary>What the gateway reads as its configuration.</summary>
    public string Configuration => Of<V1ConfigMap>().Single(map => map.Metadata.Name == "hookgateway").Data["hookgateway.yaml"];

    /// <summary>The same as YAML.</summary>
    public YamlNode Document => YamlFile.Parse(Configuration).Single();

    /// <summary>The overlays that there are.</summary>
    public static IEnumerable<string> Overlays { get; } =
        Directory.GetDirectories(Testing.Repository.File("k8s", "overlays")).Select(folder => Path.GetFileName(folder)).Order();

    public static Manifests OfOverlay(string name) => Of(Kustomization.Render($"k8s/overlays/{name}"));

    public static Manifests Of(IEnumerable<YamlMappingNode> objects) => new([.. objects.Select(Read)]);

    public IEnumerable<T> Of<T>() => objects.OfType<T>();

    /// <summary>One object, as strictly as it can be read.</summary>
    /// <exception cref="YamlDotNet.Core.YamlException">A field that the model lacks, or a value of another type.</exception>
    /// <exception cref="InvalidOperationException">No model, or a number or switch where a text belongs.</exception>
    public static IKubernetesObject<V1ObjectMeta> Read(YamlNode node)
    {
        RequireText(node, isText: false);
        var text = new StringWriter();
        new YamlStream(new YamlDocument(node)).Save(text, assignAnchors: false);
        var kind = $"{node.At("apiVersion").Text()} {node.At("kind").Text()}";
        return Kinds.TryGetValue(kind, out var read)
            ? read(text.ToString().Replace("\n...", "", StringComparison.Ordinal))
            : throw new InvalidOperationException($"There is no model of {kind}.");
    }

    private static void RequireText(YamlNode node, bool isText)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                foreach (var (key, value) in mapping.Children)
                    RequireText(value, isText || Texts.Contains(key.Text()));
                break;
            case YamlSequenceNode list:
                foreach (var item in list)
                    RequireText(item, isText);
                break;
            case YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } scalar when isText && NoText().IsMatch(scalar.Text()):
                throw new InvalidOperationException($"{scalar.Text()} needs quotes.");
        }
    }

    [GeneratedRegex("^(|~|null|y|n|yes|no|on|off|true|false|[-+]?[.]?[0-9][0-9a-fox_.+-]*)$", RegexOptions.IgnoreCase)]
    private static partial Regex NoText();

    private static IKubernetesObject<V1ObjectMeta> Read<T>(string yaml)
        where T : IKubernetesObject<V1ObjectMeta> => KubernetesYaml.Deserialize<T>(yaml, strict: true);
}

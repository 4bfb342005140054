using k8s;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>Objects of Kubernetes, read into the models of its client: a field that the model lacks is a fault.</summary>
internal sealed class Manifests(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects)
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

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects => objects;

    public IReadOnlyList<Workload> Workloads => [.. objects.Select(Workload.Of).OfType<Workload>()];

    public Workload Gateway => Workloads.Single(workload => workload.Name == "hookgateway");

    /// <summary>What the gateway reads as its configuration.</summary>
    public string Configuration => Of<V1ConfigMap>().Single(map => map.Metadata.Name == "hookgateway").Data["hookgateway.yaml"];

    /// <summary>The overlays that there are.</summary>
    public static IEnumerable<string> Overlays { get; } =
        Directory.GetDirectories(Testing.Repository.File("k8s", "overlays")).Select(folder => Path.GetFileName(folder)).Order();

    public static Manifests OfOverlay(string name) => Of(Kustomization.Render($"k8s/overlays/{name}"));

    public static Manifests Of(IEnumerable<YamlMappingNode> objects) => new([.. objects.Select(Read)]);

    public IEnumerable<T> Of<T>() => objects.OfType<T>();

    /// <summary>One object, as strictly as it can be read.</summary>
    public static IKubernetesObject<V1ObjectMeta> Read(YamlNode node)
    {
        var text = new StringWriter();
        new YamlStream(new YamlDocument(node)).Save(text, assignAnchors: false);
        var kind = $"{node.At("apiVersion").Text()} {node.At("kind").Text()}";
        return Kinds.TryGetValue(kind, out var read)
            ? read(text.ToString().Replace("\n...", "", StringComparison.Ordinal))
            : throw new InvalidOperationException($"There is no model of {kind}.");
    }

    private static IKubernetesObject<V1ObjectMeta> Read<T>(string yaml)
        where T : IKubernetesObject<V1ObjectMeta> => KubernetesYaml.Deserialize<T>(yaml, strict: true);
}

using k8s;
using k8s.Models;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>A Deployment or a StatefulSet: pods of one kind.</summary>
internal sealed record Workload(IKubernetesObject<V1ObjectMeta> Object, V1LabelSelector Selector, V1PodTemplateSpec Template, int? Replicas)
{
    public string Name => Object.Metadata.Name;

    public V1PodSpec Pod => Template.Spec;

    /// <summary>Every pod here has one.</summary>
    public V1Container Container => Pod.Containers.Single();

    public IList<V1PersistentVolumeClaim> Claims => (Object as V1StatefulSet)?.Spec.VolumeClaimTemplates ?? [];

    public static Workload? Of(IKubernetesObject<V1ObjectMeta> made) => made switch
    {
        V1Deployment deployment => new(made, deployment.Spec.Selector, deployment.Spec.Template, deployment.Spec.Replicas),
        V1StatefulSet set => new(made, set.Spec.Selector, set.Spec.Template, set.Spec.Replicas),
        _ => null,
    };

    /// <summary>Whether a selector means these pods; an empty one means all.</summary>
    public bool IsMeantBy(IEnumerable<KeyValuePair<string, string>>? labels) =>
        (labels ?? []).All(label => Template.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    /// <summary>The number of a port that is given by name or number.</summary>
    public int? Port(IntOrString port) => int.TryParse(port.Value, out var number)
        ? number
        : Container.Ports.SingleOrDefault(candidate => candidate.Name == port.Value)?.ContainerPort;

    public string? MountPath(string volume) => Container.VolumeMounts.SingleOrDefault(mount => mount.Name == volume)?.MountPath;
}

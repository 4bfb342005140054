using k8s;
using k8s.Models;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>A snapshot of a volume: what is used of it here.</summary>
internal sealed class VolumeSnapshot : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public SnapshotSpec Spec { get; set; } = new();

    internal sealed class SnapshotSpec
    {
        public SnapshotSource Source { get; set; } = new();
    }

    internal sealed class SnapshotSource
    {
        public string PersistentVolumeClaimName { get; set; } = "";
    }
}

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>A snapshot of a volume: what is used of it here.</summary>
internal sealed class VolumeSnapshot : CustomObject<VolumeSnapshot.SnapshotSpec>
{
    internal sealed class SnapshotSpec
    {
        public SnapshotSource Source { get; set; } = new();
    }

    internal sealed class SnapshotSource
    {
        public string PersistentVolumeClaimName { get; set; } = "";
    }
}

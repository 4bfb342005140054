using k8s.Models;
using Xunit;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>Every object of every overlay is what Kubernetes' own models know, and names others as they are.</summary>
public sealed class OverlayTests
{
    public static TheoryData<string> Overlays { get; } = [.. Manifests.Overlays];

    [Fact]
    public void Overlays_AreThoseOfTheDocumentation() => Assert.Equal(["jaeger", "redis", "redis-server", "single"], Manifests.Overlays);

    [Theory]
    [MemberData(nameof(Overlays))]
    public void EveryObject_HasANameALabelAndTheNamespace(string overlay)
    {
        Assert.All(Manifests.OfOverlay(overlay).Objects, made =>
        {
            Assert.Matches("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", made.Metadata.Name);
            Assert.Equal("hookgateway", made.Metadata.NamespaceProperty);
            Assert.True(made.Metadata.Labels?.ContainsKey("app.kubernetes.io/name"), made.Metadata.Name);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Selector_OfAWorkload_MeansItsOwnPodsAlone(string overlay)
    {
        var workloads = Manifests.OfOverlay(overlay).Workloads;

        Assert.NotEmpty(workloads);
        Assert.All(workloads, workload => Assert.Equal([workload], workloads.Where(other => other.IsMeantBy(workload.Selector.MatchLabels))));
        Assert.All(
            workloads.SelectMany(workload => (workload.Pod.TopologySpreadConstraints ?? []).Select(spread => (workload, spread))),
            pair => Assert.True(pair.workload.IsMeantBy(pair.spread.LabelSelector.MatchLabels)));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Service_LeadsToAPortOfOneWorkload(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);

        Assert.All(manifests.Of<V1Service>(), service =>
        {
            var workload = Assert.Single(manifests.Workloads, workload => workload.IsMeantBy(service.Spec.Selector));
            Assert.All(service.Spec.Ports, port => Assert.NotNull(workload.Port(port.TargetPort)));
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Probe_AsksAPortOfItsContainer(string overlay)
    {
        Assert.All(Manifests.OfOverlay(overlay).Workloads, workload =>
        {
            var container = workload.Container;
            V1Probe?[] probes = [container.StartupProbe, container.LivenessProbe, container.ReadinessProbe];
            Assert.NotNull(container.ReadinessProbe);
            Assert.All(probes.OfType<V1Probe>(), probe => Assert.NotNull(workload.Port(probe.HttpGet?.Port ?? probe.TcpSocket.Port)));
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void EveryMount_HasItsVolume_AndIsNoSubPath(string overlay)
    {
        Assert.All(Manifests.OfOverlay(overlay).Workloads, workload =>
        {
            var volumes = workload.Pod.Volumes.Select(volume => volume.Name).Concat(workload.Claims.Select(claim => claim.Metadata.Name));
            var mounts = workload.Container.VolumeMounts;

            Assert.Equal(volumes.Order(), mounts.Select(mount => mount.Name).Order());
            Assert.Equal(mounts.Count, mounts.DistinctBy(mount => mount.MountPath).Count());

            // What is mounted by subPath stays as it was when it changes.
            Assert.All(mounts, mount => Assert.True(mount is { SubPath: null, SubPathExpr: null }, mount.MountPath));
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void ConfigMapAndSecret_OfAVolume_AreMadeHereOrByACommandOfTheDocumentation(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var maps = manifests.Of<V1ConfigMap>().Select(map => map.Metadata.Name).ToList();
        var volumes = manifests.Workloads.SelectMany(workload => workload.Pod.Volumes).ToList();

        Assert.All(volumes.Where(volume => volume.ConfigMap is not null), volume => Assert.Contains(volume.ConfigMap.Name, maps));
        Assert.All(
            volumes.Where(volume => volume.Secret is not null),
            volume => Assert.True(KubernetesPage.Secrets.Contains(volume.Secret.SecretName), volume.Secret.SecretName));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Pod_MeetsTheRestrictedStandard_AndWritesToItsVolumesOnly(string overlay)
    {
        Assert.All(Manifests.OfOverlay(overlay).Workloads, workload =>
        {
            var (pod, container) = (workload.Pod, workload.Container);
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.True(pod.SecurityContext.RunAsUser > 0);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.False(pod.AutomountServiceAccountToken);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Null(container.SecurityContext.Capabilities.Add);
            Assert.All(container.Ports, port => Assert.Null(port.HostPort));
            Assert.All(pod.Volumes, volume => Assert.Null(volume.HostPath));

            // 0440 in octal: the group, which is the pod's, reads it.
            Assert.All(pod.Volumes.Where(volume => volume.Secret is not null), volume => Assert.Equal(288, volume.Secret.DefaultMode));
            Assert.True(pod.Volumes.All(volume => volume.Secret is null) || pod.SecurityContext.FsGroup == pod.SecurityContext.RunAsGroup);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Image_HasAVersion_AndTheGatewaysIsThatOfTheProgram(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var properties = File.ReadAllText(Testing.Repository.File("Directory.Build.props"));

        Assert.All(manifests.Workloads, workload => Assert.Matches(@"^[a-z/-]+:\d+\.\d+\.\d+$", workload.Container.Image));
        Assert.Contains($"<Version>{manifests.Gateway.Container.Image.Split(':')[1]}</Version>", properties);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Container_RequestsCpuAndMemory_AndIsLimitedInMemoryOnly(string overlay)
    {
        Assert.All(Manifests.OfOverlay(overlay).Workloads, workload =>
        {
            var resources = workload.Container.Resources;
            Assert.True(resources.Requests["cpu"].ToDecimal() > 0);
            Assert.True(resources.Requests["memory"].ToDecimal() <= resources.Limits["memory"].ToDecimal());
            Assert.Equal(["memory"], resources.Limits.Keys);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void StatefulSet_IsOnePod_AloneOnItsVolume(string overlay)
    {
        Assert.All(Manifests.OfOverlay(overlay).Workloads.Where(workload => workload.Object is V1StatefulSet), workload =>
        {
            Assert.Equal(1, workload.Replicas);
            Assert.Equal(["ReadWriteOncePod"], workload.Claims.Single().Spec.AccessModes);
            Assert.Contains(
                Manifests.OfOverlay(overlay).Of<V1Service>(),
                service => service.Metadata.Name == ((V1StatefulSet)workload.Object).Spec.ServiceName);
        });
    }
}

using System.Text.RegularExpressions;
using HookGateway.Testing;
using k8s.Models;
using Xunit;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>What docs/kubernetes.md shows can be applied, and fits what is applied beside it.</summary>
public sealed partial class KubernetesPageTests
{
    private static readonly Manifests Redis = Manifests.OfOverlay("redis");

    [Fact]
    public void EveryObject_IsWhatTheModelsKnow_AndNamesWhatIsThere()
    {
        var shown = Manifests.Of(KubernetesPage.Objects.Cast<YamlDotNet.RepresentationModel.YamlMappingNode>());

        var scaler = Assert.Single(shown.Of<V2HorizontalPodAutoscaler>()).Spec.ScaleTargetRef;
        Assert.Equal((Redis.Gateway.Object.Kind, Redis.Gateway.Name), (scaler.Kind, scaler.Name));

        var monitor = Assert.Single(shown.Of<PodMonitor>()).Spec;
        var endpoint = Assert.Single(monitor.PodMetricsEndpoints);
        Assert.True(Redis.Gateway.IsMeantBy(monitor.Selector.MatchLabels));
        Assert.NotNull(Redis.Gateway.Port(endpoint.Port));
        Assert.Equal("/metrics", endpoint.Path);
        Assert.Contains(endpoint.Authorization.Credentials.Key, KubernetesPage.Secrets[endpoint.Authorization.Credentials.Name]);

        var single = Manifests.OfOverlay("single").Gateway;
        Assert.Equal(
            $"{single.Claims.Single().Metadata.Name}-{single.Name}-0",
            Assert.Single(shown.Of<VolumeSnapshot>()).Spec.Source.PersistentVolumeClaimName);
    }

    [Fact]
    public void EveryKustomization_CanBeRendered()
    {
        var (mine, certificate, ingress) = KubernetesPage.Overlays() switch
        {
            [var first, var second, var third] => (first, second, third),
            var others => throw new InvalidOperationException($"{others.Count} kustomizations"),
        };

        var service = mine.Of<V1Service>().Single(service => service.Metadata.Name == "hookgateway");
        Assert.Equal(("LoadBalancer", "Local"), (service.Spec.Type, service.Spec.ExternalTrafficPolicy));
        Assert.StartsWith("registry.example.com/hookgateway:", mine.Gateway.Container.Image);

        var made = Assert.Single(certificate.Of<Certificate>()).Spec;
        Assert.Contains(certificate.Gateway.Pod.Volumes, volume => volume.Secret?.SecretName == made.SecretName);
        Assert.Equal(["hooks.example.org"], made.DnsNames);
        Assert.Equal("my-issuer", made.IssuerRef.Name);

        AssertLeadsToTheGateway(ingress);
    }

    [Fact]
    public void Numbers_OfThePage_AreThoseOfTheFiles()
    {
        var page = File.ReadAllText(Repository.File("docs", "kubernetes.md"));
        var scaler = Redis.Of<V2HorizontalPodAutoscaler>().Single().Spec;

        Assert.Contains($"For {Redis.Document.At("listen", "drain").Text().TrimEnd('s')} s (`listen.drain`)", page);
        Assert.Contains($"| {Redis.Gateway.Pod.TerminationGracePeriodSeconds} s | the kubelet", page);
        Assert.Contains($"mean use of CPU at {scaler.Metrics.Single().Resource.Target.AverageUtilization} %", page);
        Assert.Equal((2, 6), (scaler.MinReplicas, scaler.MaxReplicas));
        Assert.Contains("two to six gateways", page);
        Assert.Contains($"{Redis.Gateway.Container.Resources.Requests["cpu"]} are", page.Replace('\n', ' '));
    }

    [Fact]
    public void Links_LeadToPagesAndHeadingsThatAreThere()
    {
        var page = File.ReadAllText(Repository.File("docs", "kubernetes.md"));

        Assert.All(Link().Matches(page), link =>
        {
            var target = Repository.File("docs", link.Groups["file"].Value);
            Assert.True(File.Exists(target), target);
            Assert.Contains(link.Groups["heading"].Value, File.ReadLines(target).Where(line => line.StartsWith('#')).Select(Anchor).Append(""));
        });
    }

    private static void AssertLeadsToTheGateway(Manifests manifests)
    {
        var rule = Assert.Single(Assert.Single(manifests.Of<V1Ingress>()).Spec.Rules);
        var path = Assert.Single(rule.Http.Paths);
        var service = manifests.Of<V1Service>().Single(service => service.Metadata.Name == path.Backend.Service.Name);
        var port = service.Spec.Ports.Single(port => port.Name == path.Backend.Service.Port.Name);

        Assert.Equal("/hooks", path.Path);
        Assert.Equal(8080, manifests.Gateway.Port(port.TargetPort));
        Assert.Contains(manifests.Of<V1NetworkPolicy>().SelectMany(policy => policy.Spec.Ingress ?? []), rule => rule.Ports.Any(open => open.Port == "8080"));
        Assert.DoesNotContain(manifests.Gateway.Pod.Volumes, volume => volume.Name == "certificate");
        Assert.Null(manifests.Gateway.MountPath("certificate"));
    }

    private static string Anchor(string heading) =>
        string.Concat(heading.TrimStart('#').Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-')).Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<file>[a-z]+\.md)#?(?<heading>[a-z-]*)\)")]
    private static partial Regex Link();
}

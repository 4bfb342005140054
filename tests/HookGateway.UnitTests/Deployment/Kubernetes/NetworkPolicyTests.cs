using k8s.Models;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>The network policies let through what the configurations use, and little else.</summary>
public sealed class NetworkPolicyTests
{
    public static TheoryData<string> Overlays { get; } = [.. Manifests.Overlays];

    [Theory]
    [MemberData(nameof(Overlays))]
    public void EveryPod_IsUnderAPolicyInBothDirections_AndEveryPolicyHasItsPods(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);

        Assert.All(manifests.Workloads, workload => Assert.Equal(
            ["Egress", "Ingress"], Of(manifests, workload).SelectMany(policy => policy.PolicyTypes).Distinct().Order()));
        Assert.All(manifests.Of<V1NetworkPolicy>(), policy => Assert.Contains(
            manifests.Workloads, workload => workload.IsMeantBy(policy.Spec.PodSelector.MatchLabels)));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Sender_GetsInFromAnywhere_ToTheListenerAlone(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var open = Ingress(manifests, manifests.Gateway).Where(rule => rule.FromProperty is null).SelectMany(rule => rule.Ports);

        Assert.Equal(manifests.Gateway.Port("https"), int.Parse(Assert.Single(open).Port.Value));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void AdminPort_IsOpenToTheNamespaceAndToMonitoring(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var rule = Assert.Single(Ingress(manifests, manifests.Gateway), rule => Has(rule.Ports, manifests.Gateway.Port("admin")!.Value));

        Assert.Single(rule.Ports);
        Assert.Collection(
            rule.FromProperty,
            own => Assert.True(own is { NamespaceSelector: null, PodSelector.MatchLabels: null }),
            other => Assert.Equal("monitoring", other.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]));
        Assert.All(manifests.Of<V1Service>(), service => Assert.Null(service.Spec.Type));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Gateway_ReachesNames_AndTheDestinationsOfItsConfiguration(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var egress = Egress(manifests, manifests.Gateway);
        var destinations = ((YamlMappingNode)manifests.Document.At("destinations")).Children.Values
            .Select(destination => new Uri(destination.At("url").Text()).Port);

        Assert.Contains(egress, rule => Has(rule.Ports, 53, "UDP") && Has(rule.Ports, 53));
        Assert.All(destinations.Append(443), port => Assert.Contains(egress, rule => Has(rule.Ports, port) && IsAnywhere(rule.To)));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Gateway_DoesNotReachTheNodesMetadata(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var blocks = Egress(manifests, manifests.Gateway).SelectMany(rule => rule.To ?? []).Select(peer => peer.IpBlock).OfType<V1IPBlock>();

        Assert.All(
            blocks.Where(block => block.Cidr.EndsWith("/0", StringComparison.Ordinal)),
            block => Assert.Equal([block.Cidr.Contains(':') ? "fe80::/10" : "169.254.0.0/16"], block.Except));
    }

    [Fact]
    public void Redis_IsReachedByManyGatewaysOnly_AndTheServerHereByNobodyElse()
    {
        var (single, redis, server) = (Manifests.OfOverlay("single"), Manifests.OfOverlay("redis"), Manifests.OfOverlay("redis-server"));

        Assert.DoesNotContain(Egress(single, single.Gateway), rule => Has(rule.Ports, 6379));
        Assert.Contains(Egress(redis, redis.Gateway), rule => Has(rule.Ports, 6379) && rule.To is null);
        AssertOnlyTheGatewayEnters(server, "hookgateway-redis", "redis");
        Assert.Empty(Egress(server, server.Workloads.Single(workload => workload.Name == "hookgateway-redis")));
    }

    [Fact]
    public void Jaeger_IsReachedByTheGatewayOnly()
    {
        var manifests = Manifests.OfOverlay("jaeger");

        AssertOnlyTheGatewayEnters(manifests, "jaeger", "otlp");
        Assert.Contains(Egress(manifests, manifests.Gateway), rule => Has(rule.Ports, 4317) && Has(rule.Ports, 4318) && rule.To.Any(IsEveryPod));
    }

    private static void AssertOnlyTheGatewayEnters(Manifests manifests, string name, string port)
    {
        var workload = manifests.Workloads.Single(workload => workload.Name == name);
        var rule = Assert.Single(Ingress(manifests, workload));
        var peer = Assert.Single(rule.FromProperty);

        Assert.Equal(workload.Port(port), int.Parse(Assert.Single(rule.Ports).Port.Value));
        Assert.Null(peer.NamespaceSelector);
        Assert.Equal([manifests.Gateway], manifests.Workloads.Where(other => other.IsMeantBy(peer.PodSelector.MatchLabels)));
    }

    private static IEnumerable<V1NetworkPolicySpec> Of(Manifests manifests, Workload workload) => manifests.Of<V1NetworkPolicy>()
        .Select(policy => policy.Spec)
        .Where(policy => workload.IsMeantBy(policy.PodSelector.MatchLabels));

    private static List<V1NetworkPolicyIngressRule> Ingress(Manifests manifests, Workload workload) =>
        [.. Of(manifests, workload).SelectMany(policy => policy.Ingress ?? [])];

    private static List<V1NetworkPolicyEgressRule> Egress(Manifests manifests, Workload workload) =>
        [.. Of(manifests, workload).SelectMany(policy => policy.Egress ?? [])];

    private static bool Has(IEnumerable<V1NetworkPolicyPort> ports, int number, string protocol = "TCP") =>
        ports.Any(port => port.Port.Value == $"{number}" && (port.Protocol ?? "TCP") == protocol);

    private static bool IsAnywhere(IList<V1NetworkPolicyPeer>? peers) =>
        peers is null || (peers.Any(IsEveryPod) && peers.Any(peer => peer.IpBlock?.Cidr == "0.0.0.0/0"));

    private static bool IsEveryPod(V1NetworkPolicyPeer peer) => peer is { NamespaceSelector.MatchLabels: null, NamespaceSelector: not null, PodSelector: null };
}

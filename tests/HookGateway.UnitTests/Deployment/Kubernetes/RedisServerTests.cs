using k8s.Models;
using Xunit;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>The Redis beside the gateways keeps what the gateways need it to keep.</summary>
public sealed class RedisServerTests
{
    private static readonly Manifests Overlay = Manifests.OfOverlay("redis-server");
    private static readonly Workload Server = Overlay.Workloads.Single(workload => workload.Name == "hookgateway-redis");

    private static readonly ILookup<string, string> Settings = Overlay.Of<V1ConfigMap>()
        .Single(map => map.Metadata.Name == "hookgateway-redis").Data["redis.conf"].Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', 2))
        .ToLookup(words => words[0], words => words[1]);

    [Theory]
    [InlineData("appendonly", "yes")]
    [InlineData("appendfsync", "always")]
    [InlineData("no-appendfsync-on-rewrite", "no")]
    [InlineData("maxmemory-policy", "noeviction")]
    public void Setting_KeepsWhatIsAcknowledged(string name, string value) => Assert.Equal([value], Settings[name]);

    [Fact]
    public void Memory_OfTheContainer_IsTwiceThatOfTheData()
    {
        var gigabytes = decimal.Parse(Assert.Single(Settings["maxmemory"]).Replace("gb", "", StringComparison.Ordinal));

        Assert.True(Server.Container.Resources.Limits["memory"].ToDecimal() >= 2 * gigabytes * 1024 * 1024 * 1024);
    }

    [Fact]
    public void Configuration_IsReadFromWhereItIsMounted_WithThePasswordOfTheSecret()
    {
        var (config, secrets) = (Server.MountPath("config"), Server.MountPath("secrets"));
        var secret = Server.Pod.Volumes.Single(volume => volume.Secret is not null).Secret.SecretName;

        Assert.Equal(["redis-server", $"{config}/redis.conf"], Server.Container.Command);
        Assert.Equal([$"{secrets}/{Assert.Single(KubernetesPage.Secrets[secret])}"], Settings["include"]);
        Assert.Equal([Server.MountPath("data")], Settings["dir"]);
        Assert.Equal([$"{Server.Port("redis")}"], Settings["port"]);
    }

    [Fact]
    public void Address_OfTheDocumentation_IsItsService()
    {
        var page = File.ReadAllText(Testing.Repository.File("docs", "kubernetes.md"));
        var service = Overlay.Of<V1Service>().Single(service => Server.IsMeantBy(service.Spec.Selector));

        Assert.Contains($"'{service.Metadata.Name}:{service.Spec.Ports.Single().Port},password=%s'", page);
    }
}

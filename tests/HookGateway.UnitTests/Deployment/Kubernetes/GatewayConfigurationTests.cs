using System.Text.RegularExpressions;
using HookGateway.Configuration;
using HookGateway.Testing;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>The configuration in the ConfigMap is one, and names ports, files and variables as the pod has them.</summary>
public sealed partial class GatewayConfigurationTests : IDisposable
{
    // What a reader without the Redis engine says of the overlays with it, and nothing else.
    private readonly TemporaryDirectory _files = new();

    public static TheoryData<string> Overlays { get; } = [.. Manifests.Overlays];

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Configuration_IsReadByTheProgram_WithoutFaultsAndWarnings(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var faults = Load(manifests) switch
        {
            ConfigurationResult.Valid valid => valid.Warnings,
            ConfigurationResult.Invalid invalid => invalid.Faults,
            _ => throw new InvalidOperationException(),
        };

        Assert.Empty(faults);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void ConfigMap_IsMountedWhereTheProgramLooks(string overlay)
    {
        var gateway = Manifests.OfOverlay(overlay).Gateway;

        Assert.Equal("/config", gateway.MountPath(gateway.Pod.Volumes.Single(volume => volume.ConfigMap is not null).Name));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Listener_IsAPortOfThePod(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var configuration = manifests.Document;

        Assert.Equal(
            manifests.Gateway.Container.Ports.Select(port => (port.Name, Port: $"{port.ContainerPort}")).Order(),
            ((YamlMappingNode)configuration.At("listen")).Children.Where(listener => listener.Value is YamlMappingNode)
                .Select(listener => (listener.Key.Text(), configuration.ListenPort(listener.Key.Text()))).Order());
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void File_OfTheConfiguration_IsAKeyOfAMountedSecret(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var configuration = manifests.Document;
        var named = SecretFile().Matches(manifests.Configuration).Select(match => match.Groups[1].Value)
            .Append(configuration.At("listen", "https", "certificate").Text())
            .Append(configuration.At("listen", "https", "key").Text());
        var mounted = manifests.Gateway.Pod.Volumes.Where(volume => volume.Secret is not null)
            .SelectMany(volume => KubernetesPage.Secrets[volume.Secret.SecretName].Select(key => $"{manifests.Gateway.MountPath(volume.Name)}/{key}"));

        Assert.Subset(mounted.ToHashSet(), named.ToHashSet());
    }

    [Theory]
    [InlineData("single")]
    [InlineData("jaeger")]
    public void Store_OfOneGateway_LiesOnItsVolume(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var volume = manifests.Gateway.Claims.Single().Metadata.Name;

        Assert.StartsWith($"{manifests.Gateway.MountPath(volume)}/", manifests.Document.At("storage", "path").Text());
    }

    [Fact]
    public void Configurations_OfOneGatewayAndOfMany_DifferInTheStoreAndTheEndOnly()
    {
        var single = Manifests.OfOverlay("single").Document;
        var redis = Manifests.OfOverlay("redis").Document;

        Assert.Equal("redis", redis.At("storage", "engine").Text());
        foreach (var configuration in new[] { single, redis })
        {
            ((YamlMappingNode)configuration).Children.Remove(new YamlScalarNode("storage"));
            ((YamlMappingNode)configuration.At("listen")).Children.Remove(new YamlScalarNode("drain"));
        }

        Assert.Equal(single, redis);
    }

    [Fact]
    public void Collector_IsGivenByTheJaegerComponentAlone()
    {
        Assert.Null(Assert.IsType<ConfigurationResult.Valid>(Load(Manifests.OfOverlay("single"))).Configuration.Telemetry.Otlp);

        var jaeger = Manifests.OfOverlay("jaeger");
        var endpoint = Assert.IsType<ConfigurationResult.Valid>(Load(jaeger)).Configuration.Telemetry.Otlp!.Endpoint;
        var service = Assert.Single(jaeger.Of<k8s.Models.V1Service>(), service => service.Metadata.Name == endpoint.Host);
        Assert.Contains(endpoint.Port, service.Spec.Ports.Select(port => port.Port));
    }

    // As in the pod: its files below a temporary folder, its variables.
    private ConfigurationResult Load(Manifests manifests)
    {
        var certificate = TestCertificate.SelfSigned();
        _files.Write("certs/tls.crt", certificate.Certificate);
        _files.Write("certs/tls.key", certificate.Key);
        foreach (var key in KubernetesPage.Secrets["hookgateway"])
            _files.Write($"run/secrets/hookgateway/{key}", "secret:6379\n");

        var yaml = MountedPath().Replace(manifests.Configuration, mount => _files.Path + mount.Value);
        var variables = (manifests.Gateway.Container.Env ?? []).ToDictionary(variable => variable.Name, variable => variable.Value);
        return ConfigurationLoader.Parse(_files.File("config/hookgateway.yaml"), yaml, variables.GetValueOrDefault);
    }

    [GeneratedRegex(@"\$\{file:([^}]+)\}")]
    private static partial Regex SecretFile();

    [GeneratedRegex("(?<=[ :])/(?:certs|run/secrets)/")]
    private static partial Regex MountedPath();
}

using HookGateway.Testing;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment;

/// <summary>The Kubernetes files name each other, and the configuration in them, as they are.</summary>
public sealed class KustomizeTests
{
    private static readonly YamlNode Base = YamlFile.Read("k8s", "base", "kustomization.yaml")[0];
    private static readonly YamlNode Configuration = YamlFile.Read("k8s", "base", "hookgateway.yaml")[0];
    private static readonly YamlNode Pod = YamlFile.Read("k8s", "base", "statefulset.yaml")[0].At("spec", "template", "spec");
    private static readonly YamlNode Container = Pod.At("containers").Items().Single();

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/single")]
    public void Kustomization_NamesOnlyWhatIsThere(string folder)
    {
        var kustomization = YamlFile.Read("k8s", folder, "kustomization.yaml")[0];

        Assert.All(
            kustomization.At("resources").Items(),
            resource => Assert.True(Path.Exists(Repository.File("k8s", folder, resource.Text())), resource.Text()));
    }

    [Fact]
    public void ConfigMap_HoldsTheFileThatTheProgramLooksFor_UnderTheNameThatThePodMounts()
    {
        var generated = Base.At("configMapGenerator").Items().Single();
        var volume = Pod.At("volumes").Items().Single(volume => volume.At("name").Text() == "config");

        Assert.Equal("hookgateway.yaml", generated.At("files").Items().Single().Text());
        Assert.Equal(generated.At("name").Text(), volume.At("configMap", "name").Text());
        Assert.Equal("/config", MountPath("config"));
    }

    [Theory]
    [InlineData("https")]
    [InlineData("admin")]
    public void Listener_OfTheConfiguration_IsAPortOfThePodAndOfAService(string listener)
    {
        var port = Container.At("ports").Items().Single(port => port.At("name").Text() == listener);
        var services = YamlFile.Read("k8s", "base", "service.yaml");

        Assert.Equal(Configuration.ListenPort(listener), port.At("containerPort").Text());
        Assert.Contains(services, service => service.At("spec", "ports").Items().Single().At("targetPort").Text() == listener);
    }

    [Theory]
    [InlineData("startupProbe", "/health/live")]
    [InlineData("livenessProbe", "/health/live")]
    [InlineData("readinessProbe", "/health/ready")]
    public void Probe_AsksTheAdminPort(string probe, string path)
    {
        Assert.Equal(path, Container.At(probe, "httpGet", "path").Text());
        Assert.Equal("admin", Container.At(probe, "httpGet", "port").Text());
    }

    [Fact]
    public void SecretFile_OfTheConfiguration_LiesInTheMountedSecret()
    {
        var secrets = System.Text.RegularExpressions.Regex
            .Matches(File.ReadAllText(Repository.File("k8s", "base", "hookgateway.yaml")), @"\$\{file:([^}]+)\}")
            .Select(match => match.Groups[1].Value)
            .ToList();
        var created = File.ReadAllText(Repository.File("k8s", "base", "kustomization.yaml"));

        Assert.NotEmpty(secrets);
        Assert.All(secrets, path =>
        {
            Assert.Equal(MountPath("secrets"), Path.GetDirectoryName(path));
            Assert.Contains($"--from-literal={Path.GetFileName(path)}=", created);
        });
    }

    [Fact]
    public void EveryMount_HasItsVolume()
    {
        var claims = YamlFile.Read("k8s", "base", "statefulset.yaml")[0].At("spec", "volumeClaimTemplates").Items();
        var volumes = Pod.At("volumes").Items().Select(volume => volume.At("name").Text())
            .Concat(claims.Select(claim => claim.At("metadata", "name").Text()));

        Assert.Equal(volumes.Order(), Container.At("volumeMounts").Items().Select(mount => mount.At("name").Text()).Order());
        Assert.StartsWith($"{MountPath("data")}/", Configuration.At("storage", "path").Text());
    }

    [Fact]
    public void Pod_RunsReadOnlyAndWithoutPrivileges()
    {
        Assert.Equal("true", Pod.At("securityContext", "runAsNonRoot").Text());
        Assert.Equal("true", Container.At("securityContext", "readOnlyRootFilesystem").Text());
        Assert.Equal("false", Container.At("securityContext", "allowPrivilegeEscalation").Text());
        Assert.Equal("ALL", Container.At("securityContext", "capabilities", "drop").Items().Single().Text());
    }

    private static string MountPath(string volume) =>
        Container.At("volumeMounts").Items().Single(mount => mount.At("name").Text() == volume).At("mountPath").Text();
}

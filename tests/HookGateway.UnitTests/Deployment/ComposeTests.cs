using HookGateway.Testing;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment;

/// <summary>compose.yaml, its configuration and the Dockerfile name the same ports, files and services.</summary>
public sealed class ComposeTests
{
    private static readonly YamlNode Compose = YamlFile.Read("compose.yaml")[0];
    private static readonly YamlNode Gateway = Compose.At("services", "gateway");
    private static readonly YamlNode Configuration = YamlFile.Read("config", "compose", "hookgateway.yaml")[0];
    private static readonly string[] Dockerfile = File.ReadAllLines(Repository.File("Dockerfile"));

    [Theory]
    [InlineData("https")]
    [InlineData("http")]
    [InlineData("admin")]
    public void Listener_OfTheConfiguration_IsPublishedAndExposed(string listener)
    {
        var port = Configuration.ListenPort(listener);

        Assert.Contains(Gateway.At("ports").Items(), published => published.Text().EndsWith($":{port}", StringComparison.Ordinal));
        Assert.Contains(port, Dockerfile.Single(line => line.StartsWith("EXPOSE ", StringComparison.Ordinal)).Split(' '));
    }

    [Fact]
    public void AdminPort_IsPublishedOnLoopbackOnly_AndHasAToken()
    {
        var port = Configuration.ListenPort("admin");

        Assert.Contains($"127.0.0.1:{port}:{port}", Gateway.At("ports").Items().Select(published => published.Text()));
        Assert.NotEqual("", Configuration.At("listen", "admin", "token").Text());
    }

    [Fact]
    public void HealthCheck_OfTheImage_AsksTheAdminPort()
    {
        Assert.Contains(Dockerfile, line => line.Contains($"\"http://127.0.0.1:{Configuration.ListenPort("admin")}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void MountedFolder_HoldsTheConfiguration_WhereTheProgramLooks()
    {
        var mounts = Gateway.At("volumes").Items().Select(mount => mount.Text().Split(':')).ToDictionary(mount => mount[1], mount => mount[0]);

        Assert.True(File.Exists(Path.Combine(Repository.Root, mounts["/config"], "hookgateway.yaml")));
        Assert.Contains(mounts["/data"], ((YamlMappingNode)Compose.At("volumes")).Select(volume => volume.Key.Text()));
        Assert.StartsWith("/data/", Configuration.At("storage", "path").Text());
        Assert.Contains("WORKDIR /", Dockerfile);
        Assert.Contains("VOLUME /data", Dockerfile);
    }

    [Fact]
    public void Variable_OfTheConfiguration_IsHandedToTheContainer()
    {
        var handed = ((YamlMappingNode)Gateway.At("environment")).Select(variable => variable.Key.Text());
        var used = Variables(File.ReadAllText(Repository.File("config", "compose", "hookgateway.yaml")));

        Assert.NotEmpty(used);
        Assert.Subset(handed.ToHashSet(), used);
    }

    [Fact]
    public void Receiver_ListensWhereTheDestinationPosts()
    {
        var url = new Uri(Configuration.At("destinations", "receiver", "url").Text());
        var command = Compose.At("services", url.Host, "command").Items().Select(word => word.Text()).ToList();

        Assert.Equal("receive", command[0]);
        Assert.Equal($"{url.Port}", command[command.IndexOf("--port") + 1]);
        Assert.Equal("0.0.0.0", command[command.IndexOf("--address") + 1]);
    }

    [Fact]
    public void Collector_IsAServiceOfTheSameNetwork()
    {
        var endpoint = new Uri(Configuration.At("telemetry", "otlp", "endpoint").Text());

        Assert.NotNull(Compose.At("services", endpoint.Host));
        Assert.Equal(4317, endpoint.Port);
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("receiver")]
    public void Container_RunsReadOnlyAndWithoutCapabilities(string service)
    {
        var container = Compose.At("services", service);

        Assert.Equal("true", container.At("read_only").Text());
        Assert.Equal("ALL", container.At("cap_drop").Items().Single().Text());
        Assert.Contains("USER $APP_UID", Dockerfile);
    }

    private static HashSet<string> Variables(string text) =>
        [.. System.Text.RegularExpressions.Regex.Matches(text, @"\$\{([A-Z_]+)[:}]").Select(match => match.Groups[1].Value)];
}

using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration;

public sealed class ConfigurationLoaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("hookgateway-configuration-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Load_SmallestFile_FillsInEveryDefault()
    {
        var configuration = Load(Given.Whole);

        Assert.Equal("0.0.0.0:8443", configuration.Listen.Https!.Address.ToString());
        Assert.Null(configuration.Listen.Https.CertificatePath);
        Assert.Null(configuration.Listen.Http);
        Assert.Equal("127.0.0.1:9080", configuration.Listen.Admin.Address.ToString());
        Assert.Null(configuration.Listen.Admin.Token);
        Assert.Equal(new LimitsConfiguration(), configuration.Limits);
        Assert.Equal(new LogConfiguration(), configuration.Log);
        Assert.Equal(new StorageConfiguration(), configuration.Storage);
        Assert.Equal(new TelemetryConfiguration(), configuration.Telemetry);
        var source = Assert.Single(configuration.Sources);
        Assert.Equal("/hooks/crm", source.Path);
        Assert.Equal(202, source.AnswerStatus);
        Assert.Equal(TimeSpan.FromHours(24), source.Dedupe.Window);
        var route = Assert.Single(configuration.Routes);
        Assert.Equal(("route-1", "crm"), (route.Name, route.Source));
        Assert.Equal(["*"], route.Events);
        Assert.Equal(["jira"], route.To);
    }

    [Fact]
    public void Load_StartingFile_IsValidWithOnlyTheSecretSet()
    {
        var result = ConfigurationLoader.Load(
            StartingFile(), name => name == "SYSAID_WEBHOOK_SECRET" ? "s3cret" : null);

        var valid = Assert.IsType<ConfigurationResult.Valid>(result);
        Assert.Empty(valid.Warnings);
        Assert.Equal("sysaid", Assert.Single(valid.Configuration.Sources).Preset);
        Assert.Equal("http://localhost:4317/", valid.Configuration.Telemetry.Otlp!.Endpoint.ToString());
    }

    [Fact]
    public void Load_StartingFileWithoutTheSecret_NamesTheVariable()
    {
        var result = ConfigurationLoader.Load(StartingFile(), _ => null);

        var fault = Assert.Single(Assert.IsType<ConfigurationResult.Invalid>(result).Faults);
        Assert.Contains("SYSAID_WEBHOOK_SECRET", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SeveralMistakes_TellsAllInTheOrderOfTheirPlaces()
    {
        var faults = Given.Faults("""
            listem: {}
            limits: { bodySize: 65MiB }
            sources:
              crm: { verify: none, event: "a[", secret: x, rateLimit: 5/s }
            destinations:
              slack: { url: "ftp://x" }
            routes:
              - { source: crn, to: [slak] }
            limits: {}
            """);

        Assert.Equal(
            [
                "1:1: unknown key 'listem'; did you mean 'listen'?",
                "2:21: limits.bodySize: expected a size from 1B to 64MiB, such as 64KiB or 1MiB, not '65MiB'",
                "4:31: sources.crm.event: expected a JMESPath expression, header:NAME, query:NAME or form:NAME, not 'a[' (Error(1, 1): syntax, near '')",
                "4:37: sources.crm: unknown key 'secret'; did you mean 'secrets'?",
                "4:48: sources.crm.rateLimit: not supported by this version",
                "6:17: destinations.slack.url: expected an absolute http or https URL without user name and fragment",
                "8:15: routes[0].source: expected the name of a source, not 'crn'; did you mean 'crm'?",
                "8:25: routes[0].to: expected the name of a destination, not 'slak'; did you mean 'slack'?",
                "9:1: the key 'limits' stands here twice; first in line 2",
            ],
            faults);
    }

    [Fact]
    public void Load_NoSuchFile_SaysSo() => AssertFault(Path.Combine(_directory, "none.yaml"), "the configuration file does not exist");

    [Fact]
    public void Load_Directory_SaysSo() => AssertFault(_directory, "the configuration file is a directory");

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Load_PathThatIsNone_SaysSo(string path) => AssertFault(path, "the configuration file cannot be read");

    [Fact]
    public void Load_MoreThanOneMebibyte_IsRefusedUnread() =>
        AssertFault(Write(new string('#', (1024 * 1024) + 1)), "the configuration file is larger than 1MiB");

    [Fact]
    public void Load_NotUtf8_SaysSo()
    {
        var path = Path.Combine(_directory, "latin1.yaml");
        File.WriteAllBytes(path, [(byte)'a', (byte)':', (byte)' ', 0xE4]);

        AssertFault(path, "the configuration file is not UTF-8 text");
    }

    [Fact]
    public void Load_ByteOrderMark_IsNoPartOfTheFirstKey() => Assert.Single(Load('\uFEFF' + Given.Whole).Sources);

    [Fact]
    public void Load_SecretFile_IsRelativeToTheConfiguration()
    {
        File.WriteAllText(Path.Combine(_directory, "crm.secret"), "from-a-file\n");

        var configuration = Load(Given.Source("{ verify: { hmac: { header: X } }, event: type, secrets: \"${file:crm.secret}\" }"));

        Assert.Equal(["from-a-file"], configuration.Sources[0].Secrets);
    }

    [Fact]
    public void Load_Certificate_IsRelativeToTheConfigurationAndAbsoluteAfter()
    {
        File.WriteAllText(Path.Combine(_directory, "tls.crt"), "");
        File.WriteAllText(Path.Combine(_directory, "tls.key"), "");

        var https = Load("listen: { https: { certificate: tls.crt, key: ./tls.key } }\n" + Given.Whole).Listen.Https!;

        Assert.Equal((Path.Combine(_directory, "tls.crt"), Path.Combine(_directory, "tls.key")), (https.CertificatePath, https.KeyPath));
    }

    private GatewayConfiguration Load(string yaml) =>
        Assert.IsType<ConfigurationResult.Valid>(ConfigurationLoader.Load(Write(yaml), Given.Environment)).Configuration;

    private string Write(string yaml)
    {
        var path = Path.Combine(_directory, "hookgateway.yaml");
        File.WriteAllText(path, yaml);
        return path;
    }

    private static void AssertFault(string path, string message)
    {
        var result = Assert.IsType<ConfigurationResult.Invalid>(ConfigurationLoader.Load(path, Given.Environment));
        Assert.Equal(new ConfigurationFault(path, 0, 0, message), Assert.Single(result.Faults));
    }

    private static string StartingFile()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "HookGateway.sln")))
            directory = directory.Parent;
        return Path.Combine(directory.FullName, "config", "hookgateway.yaml");
    }
}

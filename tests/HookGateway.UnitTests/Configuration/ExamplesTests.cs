using System.Text.RegularExpressions;
using HookGateway.Configuration;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Configuration;

/// <summary>What the repository shows as configuration is one, without faults and without warnings but that of <c>verify: capture</c>.</summary>
public sealed partial class ExamplesTests : IDisposable
{
    // What a part needs around it to be a whole.
    private static readonly (string Section, string Yaml)[] Frame =
    [
        ("sources:", "sources: { sysaid: { preset: sysaid, secrets: [s] } }"),
        ("destinations:", "destinations: { tickets: { url: \"http://127.0.0.1:9000/\" } }"),
        ("routes:", "routes: [{ source: sysaid, to: tickets }]"),
    ];

    private readonly TemporaryDirectory _files = new();

    public static TheoryData<string> Files { get; } =
    [
        .. Directory.GetFiles(Repository.File("config"), "*.yaml", SearchOption.AllDirectories).Select(Relative).Order(),
        "bench/load/gateway.yaml",
    ];

    public static TheoryData<string, int> Blocks { get; } =
    [
        .. Directory.GetFiles(Repository.File("docs"), "*.md", SearchOption.AllDirectories).Append(Repository.File("README.md"))
            .Select(Relative).Order().SelectMany(file => BlocksOf(file).Select((_, index) => (file, index))),
    ];

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void File_IsAConfiguration(string file)
    {
        AssertValid(File.ReadAllText(Repository.File(file)));
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Block_OfTheDocumentation_IsAConfigurationInItsFrame(string file, int index)
    {
        var certificate = TestCertificate.SelfSigned();
        _files.Write("certs/ca.pem", certificate.Root);
        _files.Write("certs/me.pem", certificate.Certificate);
        _files.Write("certs/me.key", certificate.Key);
        var block = BlocksOf(file).ElementAt(index);
        var missing = Frame.Where(part => !block.Split('\n').Any(line => line.StartsWith(part.Section, StringComparison.Ordinal)));

        AssertValid(string.Join('\n', [block, .. missing.Select(part => part.Yaml)]));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/configuration.md")]
    [InlineData("docs/destinations.md")]
    [InlineData("docs/kubernetes.md")]
    [InlineData("docs/signatures.md")]
    [InlineData("docs/sysaid.md")]
    [InlineData("docs/telemetry.md")]
    [InlineData("docs/templates.md")]
    public void Blocks_OfEachPage_AreFound(string file) => Assert.NotEmpty(BlocksOf(file));

    private static IEnumerable<string> BlocksOf(string file) =>
        Block().Matches(File.ReadAllText(Repository.File(file))).Select(match => match.Groups[1].Value)

            // Objects of Kubernetes: tests of their own read them.
            .Where(block => !block.Contains("apiVersion:", StringComparison.Ordinal));

    private static string Relative(string path) => Path.GetRelativePath(Repository.Root, path);

    private void AssertValid(string yaml)
    {
        foreach (var template in Directory.GetFiles(Repository.File("config", "templates")))
            _files.Write($"templates/{Path.GetFileName(template)}", File.ReadAllText(template));

        var result = ConfigurationLoader.Load(_files.Write("hookgateway.yaml", yaml), Variable);

        var faults = result switch
        {
            ConfigurationResult.Valid valid => [.. valid.Warnings.Where(warning => !IsMeant(warning))],
            ConfigurationResult.Invalid invalid => invalid.Faults,
            _ => throw new InvalidOperationException(),
        };
        Assert.True(faults.Count == 0, string.Join('\n', faults) + "\n" + yaml);
    }

    // What the page on capturing shows is warned of wherever it stands.
    private static bool IsMeant(ConfigurationFault warning) => warning.Message.Contains("verify: capture", StringComparison.Ordinal);

    private static string? Variable(string name) => name switch
    {
        "SYSAID_WEBHOOK_SECRET" or "SYSAID_CLIENT_ID" or "SYSAID_CLIENT_SECRET" or "CRM_SECRET" or "HOOKGATEWAY_ADMIN_TOKEN" or "BENCH_SECRET" => "secret",
        "TICKETS_SECRET" or "TICKETS_SECRET_BEFORE" or "TICKETS_TOKEN" => "c2VjcmV0",
        "BENCH_SINK" or "SLACK_WEBHOOK_URL" or "TEAMS_WEBHOOK_URL" or "JIRA_RULE_URL" => "http://127.0.0.1:9000/",
        "JIRA_URL" => "https://jira.example.com",
        "JIRA_USER" or "JIRA_API_TOKEN" or "JIRA_RULE_TOKEN" => "secret",
        "BENCH_DIR" => "/tmp",
        _ => null,
    };

    [GeneratedRegex(@"^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}

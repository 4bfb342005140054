using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration;

/// <summary>Configurations as text, and what reading them gives.</summary>
internal static class Given
{
    public const string File = "gateway.yaml";

    /// <summary>The smallest whole one: a source of its own and a destination, routed.</summary>
    public const string Whole = """
        sources:
          crm:
            verify: { hmac: { header: X-Signature } }
            secrets: [s3cret]
            event: type
        destinations:
          jira: { url: "https://jira.example/hooks" }
        routes:
          - { source: crm, to: jira }

        """;

    private static readonly Dictionary<string, string> Variables = new() { ["SECRET"] = "top-secret", ["EMPTY"] = "" };

    public static string? Environment(string name) => Variables.GetValueOrDefault(name);

    public static ConfigurationResult Parse(string yaml) => ConfigurationLoader.Parse(File, yaml, Environment);

    public static ConfigurationResult.Valid Valid(string yaml)
    {
        var result = Parse(yaml);
        if (result is ConfigurationResult.Invalid invalid)
            Assert.Fail(string.Join("\n", invalid.Faults));
        return (ConfigurationResult.Valid)result;
    }

    public static GatewayConfiguration Configuration(string yaml) => Valid(yaml).Configuration;

    /// <summary>Each as <c>line:column: message</c>.</summary>
    public static IReadOnlyList<string> Faults(string yaml) =>
        Assert.IsType<ConfigurationResult.Invalid>(Parse(yaml)).Faults.Select(Short).ToList();

    public static IReadOnlyList<string> Warnings(string yaml) => Valid(yaml).Warnings.Select(Short).ToList();

    /// <summary>One source called <c>crm</c> with these lines, and a route for it; the first line is line 3, column 5.</summary>
    public static string Source(string lines) => $"""
        sources:
          crm:
        {Indent(lines, 4)}
        destinations:
          jira: {"{"} url: "https://jira.example/hooks" {"}"}
        routes:
          - {"{"} source: crm, to: jira {"}"}
        """;

    /// <summary>One source with this scheme, a line a key; the first line is line 7, column 9.</summary>
    public static string Hmac(string lines, string secrets = "s3cret") => $"""
        sources:
          crm:
            event: type
            secrets: {secrets}
            verify:
              hmac:
        {Indent(lines, 8)}
        destinations: {"{"} jira: {"{"} url: "https://jira.example/hooks" {"}"} {"}"}
        routes: [{"{"} source: crm, to: jira {"}"}]
        """;

    /// <summary>One destination called <c>jira</c> with these lines; the first line is line 3, column 5.</summary>
    public static string Destination(string lines) => $"""
        destinations:
          jira:
        {Indent(lines, 4)}
        sources: {"{"} crm: {"{"} verify: none, event: type {"}"} {"}"}
        routes: [{"{"} source: crm, to: jira {"}"}]
        """;

    private static string Indent(string lines, int by) =>
        string.Join('\n', lines.ReplaceLineEndings("\n").Split('\n').Select(line => new string(' ', by) + line));

    private static string Short(ConfigurationFault fault)
    {
        Assert.Equal(File, fault.File);
        return fault.ToString()[(File.Length + 1)..];
    }
}

using System.Text.Json;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

public sealed class ValidateCommandTests : IDisposable
{
    private const string Good = """
        sources: { sysaid: { preset: sysaid, secrets: [s] } }
        destinations: { d: { url: "http://127.0.0.1:9000/" } }
        routes: [{ source: sysaid, to: d }]
        """;

    private const string Bad = """
        sources:
          sysaid: { preset: sysaid, secrets: [s] }
        destinations:
          d: { url: "http://127.0.0.1:9000/", timout: 5s }
        routes:
          - { source: sysaid, to: e }
        """;

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task GoodFile_ExitsZero_WithNothingOnStandardOutput()
    {
        var (file, result) = await ValidateAsync(Good);

        Assert.Equal((0, "", $"{file}: ok\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task BadFile_ExitsTwo_AndTellsEveryFaultWithItsPlace()
    {
        var (file, result) = await ValidateAsync(Bad);

        Assert.Equal((2, $"{file}: 2 faults\n"), (result.ExitCode, result.Error));
        Assert.Equal(
            [
                $"{file}:4:39: destinations.d: unknown key 'timout'; did you mean 'timeout'?",
                $"{file}:6:27: routes[0].to: expected the name of a destination, not 'e'; did you mean 'd'?",
            ],
            result.Lines);
    }

    [Fact]
    public async Task BadFile_AsJson_IsOneObjectALine()
    {
        var (file, result) = await ValidateAsync(Bad, "--json");

        Assert.Equal((2, 2), (result.ExitCode, result.Lines.Length));
        var fault = JsonDocument.Parse(result.Lines[0]).RootElement;
        Assert.Equal("fault", fault.GetProperty("kind").GetString());
        Assert.Equal(file, fault.GetProperty("file").GetString());
        Assert.Equal((4, 39), (fault.GetProperty("line").GetInt32(), fault.GetProperty("column").GetInt32()));
        Assert.Equal("destinations.d: unknown key 'timout'; did you mean 'timeout'?", fault.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Warning_KeepsNothingFromStarting()
    {
        var warned = Good.Replace("preset: sysaid, secrets: [s]", "verify: none, event: type", StringComparison.Ordinal);

        var (file, plain) = await ValidateAsync(warned);
        var (_, json) = await ValidateAsync(warned, "--json");

        Assert.Equal((0, ""), (plain.ExitCode, plain.Output));
        Assert.StartsWith($"{file}:1:30: warning: sources.sysaid.verify: none", plain.Error);
        Assert.Equal(0, json.ExitCode);
        Assert.Equal("warning", JsonDocument.Parse(Assert.Single(json.Lines)).RootElement.GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("", ":1:1: the file is empty")]
    [InlineData("a: [1", ":2:1: not valid YAML")]
    public async Task FileThatIsNoConfiguration_HasOneFault(string yaml, string fault)
    {
        var (file, result) = await ValidateAsync(yaml);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(file + fault, Assert.Single(result.Lines));
    }

    [Fact]
    public async Task MissingFile_IsAFaultOfTheWhole()
    {
        var file = _files.File("nowhere.yaml");

        var result = await CommandResult.OfAsync("validate", "--config", file);

        Assert.Equal((2, $"{file}:0:0: the configuration file does not exist\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task MissingVariable_IsNamed()
    {
        var (file, result) = await ValidateAsync(Good.Replace("[s]", "[\"${HOOKGATEWAY_TEST_NEVER_SET}\"]", StringComparison.Ordinal));

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"{file}:1:48: sources.sysaid.secrets: the environment variable HOOKGATEWAY_TEST_NEVER_SET is not set", result.Output);
    }

    private async Task<(string File, CommandResult Result)> ValidateAsync(string yaml, params string[] more)
    {
        var file = _files.Write("hookgateway.yaml", yaml);
        return (file, await CommandResult.OfAsync(["validate", "--config", file, .. more]));
    }
}

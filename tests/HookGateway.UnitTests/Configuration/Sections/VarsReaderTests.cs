using HookGateway.Configuration;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class VarsReaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Vars_TextsListsAndMappings_AreReadAsTheyStand()
    {
        var vars = Read("""
            vars:
              priority: { "1": Urgent, 2: "High", In Progress: yes }
              hide: [a, "b c", ""]
              one: { two: { three: 0.50 } }
            """);

        Assert.Equal(["priority", "hide", "one"], vars.Entries.Keys);
        var priority = Map(vars, "priority");
        Assert.Equal(["1", "2", "In Progress"], priority.Entries.Keys);
        Assert.Equal(["Urgent", "High", "yes"], priority.Entries.Values.Select(value => Assert.IsType<VariableValue.Text>(value).Value));
        Assert.Equal(["a", "b c"], Assert.IsType<VariableValue.List>(vars.Entries["hide"]).Items);
        Assert.Equal(new VariableValue.Text("0.50"), Map(Map(vars, "one"), "two").Entries["three"]);
    }

    [Fact]
    public void Vars_NotThere_AreEmpty() => Assert.Same(VariableValue.Map.Empty, Read(""));

    [Theory]
    [InlineData("vars: { a: ~ }")]
    [InlineData("vars: { a: \"\" }")]
    [InlineData("vars: { a: \"${EMPTY:-}\" }")]
    public void Vars_ValueThatSaysNothing_IsNotThere(string vars) => Assert.Empty(Read(vars).Entries);

    [Fact]
    public void Vars_References_AreResolved() =>
        Assert.Equal(new VariableValue.Text("top-secret!"), Read("vars: { a: \"${SECRET}!\" }").Entries["a"]);

    [Theory]
    [InlineData("vars: [a]", "10:7: vars: expected a mapping")]
    [InlineData("vars: text", "10:7: vars: expected a mapping")]
    [InlineData("vars: { a: { b: \"${NOSUCH}\" } }", "10:17: vars.a.b: the environment variable NOSUCH is not set or empty; ${NOSUCH:-default} gives a default")]
    [InlineData("vars: { a: [{ b: c }] }", "10:13: vars.a: expected text of 4096 characters at most, not a mapping")]
    [InlineData("vars: { a: [[b]] }", "10:13: vars.a: expected text of 4096 characters at most, not a list")]
    [InlineData("vars: { a: { \"\": b } }", "10:14: vars.a: '' is no key: 1 to 128 characters, none of them a control character")]
    [InlineData("vars: { \"a\\tb\": b }", "10:9: vars: 'a?b' is no key: 1 to 128 characters, none of them a control character")]
    [InlineData("vars: { a: { b: { c: { d: { e: { f: { g: { h: i } } } } } } } }", null)]
    [InlineData("vars: { a: { b: { c: { d: { e: { f: { g: { h: { i: j } } } } } } } } }", "10:47: vars.a.b.c.d.e.f.g.h: nested too deep: 8 levels at most")]
    public void Vars_Wrong_AreOneFaultAtItsPlace(string vars, string? fault)
    {
        if (fault is null)
            Assert.NotEmpty(Read(vars).Entries);
        else
            Assert.Equal([fault], Given.Faults(Given.Whole + vars));
    }

    [Fact]
    public void Vars_KeyAndTextOfTheirGreatestLength_AreRead()
    {
        var vars = Read($"vars: {{ {new string('k', 128)}: {new string('t', 4096)} }}");

        Assert.Equal((128, 4096), (vars.Entries.Keys.Single().Length, ((VariableValue.Text)vars.Entries.Values.Single()).Value.Length));
        Assert.Contains("is no key", Assert.Single(Given.Faults(Given.Whole + $"vars: {{ {new string('k', 129)}: t }}")), StringComparison.Ordinal);
        Assert.Equal(
            ["10:12: vars.a: expected text of 4096 characters at most"],
            Given.Faults(Given.Whole + $"vars: {{ a: {new string('t', 4097)} }}"));
    }

    [Fact]
    public void Vars_TooMany_AreOneFault()
    {
        var most = "vars: { a: [" + string.Join(',', Enumerable.Repeat("x", 9_999)) + "], b: c }\n";

        Assert.Equal(2, Read(most).Entries.Count);
        Assert.Equal(
            ["10:1: vars: holds 10001 values: 10000 at most"],
            Given.Faults(Given.Whole + most.Replace("b: c", "b: c, d: e", StringComparison.Ordinal)));
    }

    // Vars have no other reader than a template.
    private VariableValue.Map Read(string vars)
    {
        File.WriteAllText(Path.Combine(_directory.Path, "x.liquid"), "x");
        var yaml = Given.Destination("url: https://jira.example/hooks\ntemplate: x.liquid") + "\n" + vars;
        var result = ConfigurationLoader.Parse(Path.Combine(_directory.Path, "gateway.yaml"), yaml, Given.Environment);
        return Assert.IsType<ConfigurationResult.Valid>(result).Configuration.Destinations[0].Template!.Vars;
    }

    private static VariableValue.Map Map(VariableValue.Map vars, string key) => Assert.IsType<VariableValue.Map>(vars.Entries[key]);
}

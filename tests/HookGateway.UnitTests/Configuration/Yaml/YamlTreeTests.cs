using HookGateway.Configuration.Yaml;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Yaml;

public sealed class YamlTreeTests
{
    [Theory]
    [InlineData("", "1:1: the file is empty")]
    [InlineData("# only a comment\n", "1:1: the file is empty")]
    [InlineData("---\n", "1:1: the file is empty")]
    [InlineData("- a\n", "1:1: expected a mapping such as `sources:`")]
    [InlineData("plain", "1:1: expected a mapping such as `sources:`")]
    [InlineData("a: 1\nb: \0\nc: 2", "2:4: a NUL character: not a text file")]
    public void Read_NoMapping_IsOneFault(string yaml, string fault) => Assert.Equal([fault], Given.Faults(yaml));

    [Theory]
    [InlineData("log: [a, b\n", "2:1: ")]
    [InlineData("log: {level: info\n", "2:1: ")]
    [InlineData("log: \"x\n", "1:6: ")]
    [InlineData("log: a: b\n", "1:7: ")]
    [InlineData("log: }\n", "1:6: ")]
    [InlineData("log: {}\n  level: x\n", "2:3: ")]
    public void Read_MalformedYaml_IsOneFaultWithItsPlace(string yaml, string place)
    {
        var fault = Assert.Single(Given.Faults(yaml));
        Assert.StartsWith($"{place}not valid YAML: ", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("log: &x { level: info }\n", "1:6: anchors (&) and tags (!) are not supported")]
    [InlineData("log: { level: !!str info }\n", "1:15: anchors (&) and tags (!) are not supported")]
    [InlineData("log: { level: *x }\n", "1:15: aliases (*) are not supported: write the value out")]
    [InlineData("? [log]\n: x\n", "1:3: a key must be plain text")]
    [InlineData("log: {}\nlog: {}\n", "2:1: the key 'log' stands here twice; first in line 1")]
    [InlineData("log: { level: info, level: debug }\n", "1:21: the key 'level' stands here twice; first in line 1")]
    public void Read_WhatYamlAllowsAndTheGatewayDoesNot_IsAFault(string yaml, string fault) =>
        Assert.Equal([fault], Given.Faults(yaml + Given.Whole));

    [Fact]
    public void Read_SecondDocument_IsAFault() =>
        Assert.Equal(["10:1: a second document (---): one file is one configuration"], Given.Faults(Given.Whole + "---\nlog: {}\n"));

    [Theory]
    [InlineData("[")]
    [InlineData("- ")]
    [InlineData("{ a: ")]
    [InlineData("? ")]
    public void Read_TwoHundredThousandLevels_IsOneFault(string opening)
    {
        var fault = Assert.Single(Given.Faults(string.Concat(Enumerable.Repeat(opening, 200_000))));
        Assert.EndsWith($"nested deeper than {YamlTree.MaxDepth} levels", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooManyValues_IsOneFault()
    {
        var fault = Assert.Single(Given.Faults("a: [" + string.Concat(Enumerable.Repeat("x,", YamlTree.MaxNodes)) + "]"));
        Assert.EndsWith($"more than {YamlTree.MaxNodes} values", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AliasesOfAliases_AreNotExpanded()
    {
        var yaml = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"));

        Assert.Contains("2:10: aliases (*) are not supported: write the value out", Given.Faults(yaml));
    }
}

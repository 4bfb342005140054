using HookGateway.Configuration;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class TemplateReaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Template_AFileByName_IsReadAsItStands()
    {
        var template = Read("{{ body.title }}\n", "x.liquid");

        Assert.Equal(new TemplateConfiguration { Text = "{{ body.title }}\n" }, template);
        Assert.Equal("application/json", template!.ContentType);
    }

    [Fact]
    public void Template_AMapping_SaysMore() => Assert.Equal(
        new TemplateConfiguration { Text = "x", Strict = true, ContentType = "text/plain; charset=utf-8" },
        Read("x", "{ file: x.liquid, strict: true, contentType: text/plain; charset=utf-8 }"));

    [Theory]
    [InlineData("a\n{{ b", "destinations.jira.template: the file is no Liquid template: End of tag '}}' was expected at (2:5)")]
    [InlineData("{% nosuch %}", "destinations.jira.template: the file is no Liquid template: Unknown tag 'nosuch' at (1:10)")]
    [InlineData("{% if a %}{{ b | nosuch: 1 | upcase }}{% endif %}", "destinations.jira.template: the file is no Liquid template: unknown filter 'nosuch'")]
    [InlineData("{% for i in (1..1000000000) %}{% endfor %}", "destinations.jira.template: the file is no Liquid template: a range needs two numbers from 0 to 10000")]
    [InlineData("{% assign r = (1..body.n) %}", "destinations.jira.template: the file is no Liquid template: a range needs two numbers from 0 to 10000")]
    [InlineData("{% include 'x' %}", "destinations.jira.template: the file is no Liquid template: a template cannot include another")]
    [InlineData("{% render 'x' %}", "destinations.jira.template: the file is no Liquid template: a template cannot include another")]
    public void Template_NoLiquid_IsOneFaultAtItsPlace(string text, string fault) =>
        Assert.EndsWith(":4:15: " + fault, Fault(text, "x.liquid"), StringComparison.Ordinal);

    [Theory]
    [InlineData("{ file: x.liquid, strict: maybe }", "4:41: destinations.jira.template.strict: expected one of true, false, not 'maybe'")]
    [InlineData("{ file: x.liquid, contentType: text }", "4:46: destinations.jira.template.contentType: expected a media type such as text/plain, not 'text'")]
    public void Template_WrongMapping_IsOneFaultAtItsPlace(string value, string fault) =>
        Assert.EndsWith(fault, Fault("x", value), StringComparison.Ordinal);

    private TemplateConfiguration? Read(string text, string value) =>
        Assert.IsType<ConfigurationResult.Valid>(Parse(text, value)).Configuration.Destinations[0].Template;

    private string Fault(string text, string value) =>
        Assert.Single(Assert.IsType<ConfigurationResult.Invalid>(Parse(text, value)).Faults).ToString();

    private ConfigurationResult Parse(string text, string value)
    {
        File.WriteAllText(Path.Combine(_directory.Path, "x.liquid"), text);
        return ConfigurationLoader.Parse(
            Path.Combine(_directory.Path, "gateway.yaml"),
            Given.Destination("url: https://jira.example/hooks\ntemplate: " + value),
            Given.Environment);
    }
}

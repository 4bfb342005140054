using System.Text;
using System.Text.Json.Nodes;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

/// <summary>The templates under <c>config/templates</c>, on what SysAid sends and on what it may send.</summary>
public sealed class ShippedTemplateTests
{
    private static readonly string Sample = File.ReadAllText(Repository.File("src", "HookGateway.Host", "Samples", "sysaid.json"));

    public static TheoryData<string> OfJson => ["slack", "teams", "jira"];

    public static TheoryData<string> All => ["slack", "teams", "jira", "text"];

    [Theory]
    [MemberData(nameof(OfJson))]
    public void Template_OnTheSample_IsJsonThatNamesTheRecordAndItsTitle(string name)
    {
        var text = Render(name, Sample);

        Assert.NotNull(JsonNode.Parse(text));
        Assert.Contains("sr.created #148: test 123", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Slack_OnTheSample_IsAMessageOfBlocks()
    {
        var message = JsonNode.Parse(Render("slack", Sample))!;

        Assert.Equal("sr.created #148: test 123", (string?)message["text"]);
        var texts = message["blocks"]!.AsArray().Take(2).Select(block => (string)block!["text"]!["text"]!).ToArray();
        Assert.Equal("*sr.created #148: test 123*", texts[0]);
        Assert.Contains("• priority: 1\n", texts[1], StringComparison.Ordinal);
        Assert.All(texts, text => Assert.InRange(text.Length, 1, 3000));
    }

    [Fact]
    public void Slack_TextWithQuotes_EscapesOnlyWhatIsSlacksOwn()
    {
        var message = JsonNode.Parse(Render("slack", """{"srId":7,"updates":[{"fieldName":"title","currentValue":"Café \"R&D\" isn't <up>"}]}"""))!;

        Assert.EndsWith("Café \"R&amp;D\" isn't &lt;up&gt;", (string?)message["text"], StringComparison.Ordinal);
        Assert.Contains(
            "• title: Café \"R&amp;D\" isn't &lt;up&gt;", (string?)message["blocks"]![1]!["text"]!["text"], StringComparison.Ordinal);
    }

    [Fact]
    public void Teams_OnTheSample_IsAnAdaptiveCardWithItsFields()
    {
        var attachment = JsonNode.Parse(Render("teams", Sample))!["attachments"]![0]!;

        Assert.Equal("application/vnd.microsoft.card.adaptive", (string?)attachment["contentType"]);
        var facts = attachment["content"]!["body"]![1]!["facts"]!.AsArray();
        Assert.Contains(facts, fact => (string?)fact!["title"] == "priority" && (string?)fact["value"] == "1");
    }

    [Fact]
    public void Jira_OnTheSample_IsAnIssueWithAOneLineSummary()
    {
        var fields = JsonNode.Parse(Render("jira", Sample))!["fields"]!;

        Assert.Equal("sr.created #148: test 123", (string?)fields["summary"]);
        Assert.Contains("* richTextFields: [RichTextFieldRequest(", (string?)fields["description"], StringComparison.Ordinal);
    }

    [Fact]
    public void Text_OnTheSample_IsOneLine()
    {
        var text = Render("text", Sample);

        Assert.StartsWith("sysaid: sr.created #148; assignedGroup: none; ", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text.TrimEnd('\n'));
    }

    [Theory]
    [MemberData(nameof(OfJson))]
    public void Template_TextThatCouldBreakOut_StaysText(string name)
    {
        var hostile = """a \"quote\", \\ <b>&amp;</b> {{ id }} {% raw %} \n\u2028\u0001 }]""";
        var text = Render(name, $$$"""
            {"srId":"1\"2","updates":[{"fieldName":"title","currentValue":"{{{hostile}}}"},
             {"fieldName":"{{{hostile}}}","currentValue":"{{{hostile}}}"}]}
            """);

        Assert.NotNull(JsonNode.Parse(text));
        Assert.Contains("{{ id }}", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Template_OnAnyShape_NeverFails(string name)
    {
        string[] bodies =
        [
            "", "no JSON", "null", "[]", "{}", "7", "\"text\"", """{"updates":null}""", """{"updates":7}""", """{"updates":{}}""",
            """{"updates":[null,1,"x",[],{}]}""", """{"updates":[{"fieldName":null,"currentValue":null}]}""",
            """{"updates":[{"fieldName":{"a":1},"currentValue":[1,2]}],"srId":{}}""",
            """{"updates":[{"fieldName":"title","currentValue":7},{"fieldName":"title"}],"srId":[]}""",
            $$"""{"updates":[{{string.Join(',', Enumerable.Repeat("""{"fieldName":"title","currentValue":"long"}""", 2000))}}]}""",
        ];
        foreach (var body in bodies)
        {
            var text = Render(name, body);
            if (name != "text")
                Assert.NotNull(JsonNode.Parse(text));
        }
    }

    private static string Render(string name, string body)
    {
        var text = File.ReadAllText(Repository.File("config", "templates", $"{name}.liquid"));
        var template = new DeliveryTemplate(new TemplateConfiguration { Text = text }, new FakeTimeProvider());
        Assert.True(template.TryRender(DeliveryTemplateTests.Event(body), out var rendered, out var problem), problem);
        return Encoding.UTF8.GetString(rendered.Bytes.Span);
    }
}

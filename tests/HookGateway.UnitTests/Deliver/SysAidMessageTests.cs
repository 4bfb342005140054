using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

/// <summary>What the ready files <c>config/sysaid-to-*.yaml</c> make of SysAid's events, as the destinations get it.</summary>
public sealed class SysAidMessageTests
{
    private const string Link = "https://acme.example/record?id=";
    private const string Hostile = "{{ id }} {% raw %} '}], <!channel> <@U1> *b* [x](http://evil) {noformat} \"q\" \\ & \n\r\u0001\u2028</a>";

    private static readonly string Sample = File.ReadAllText(Repository.File("src", "HookGateway.Host", "Samples", "sysaid.json"));

    private static readonly string[] Names =
        ["title", "priority", "status", "requestUser", "richTextFields", "version", "sysaid", "jira", "size", "", "a b", Hostile];

    private static readonly string[] Values =
    [
        "", "1", "none", "size", "{}", Hostile, "\ud800", "😀", "\u202E", "   ", "<", "&", new string('"', 500), new string('&', 500), new string('語', 500),
        """[RichTextFieldRequest(jsonContent={"text":"<p>one</p><p>two</p>"}, columnName=description)]""",
        """[RichTextFieldRequest(jsonContent={"text":"<p>&lt;!here&gt; <b>*</b> {noformat}</p>"}""",
    ];

    private static readonly ConcurrentDictionary<(string, string, string), DeliveryTemplate> Templates = new();

    public static TheoryData<string, string> All =>
        new() { { "slack", "slack" }, { "teams", "teams" }, { "jira", "jira-issues" }, { "jira", "jira-comments" } };

    [Fact]
    public void Slack_OfACreatedRecord_SaysWhatAndWhoInWords()
    {
        var message = Render("slack", "slack", Sample);

        Assert.Equal("Service record #148 created: test 123", (string?)message["text"]);
        Assert.Equal(
            [
                "*<https://acme.example/record?id=148|Service record #148>* created",
                "test 123",
                "Requested by: admautoqa\nAssigned to: adm\nGroup: none\nPriority: Urgent\nUrgency: Urgent\nStatus: New",
                "what",
                "sysaid, event 01020304-0506-0708-090a-0b0c0d0e0f10",
            ],
            SlackTexts(message));
    }

    [Fact]
    public void Slack_OfOneChange_SaysItFromOldToNew()
    {
        var texts = SlackTexts(Render("slack", "slack", Updated(("priority", "3", "1")), "sr.updated"));

        Assert.Equal("*<https://acme.example/record?id=148|Service record #148>* updated", texts[0]);
        Assert.Equal("Priority: 3 → Urgent", texts[1]);
        Assert.Equal(3, texts.Length);
    }

    [Fact]
    public void Teams_OfACreatedRecord_SaysWhatAndWhoInWords()
    {
        var card = Render("teams", "teams", Sample)["attachments"]![0]!["content"]!;

        var lines = card["body"]!.AsArray().Select(block =>
            string.Concat(block!["inlines"]!.AsArray().Select(run => (string)run!["text"]!))).ToArray();
        Assert.Equal(
            [
                "Service record #148 created", "test 123", "Requested by: admautoqa", "Assigned to: adm", "Group: none", "Priority: Urgent",
                "Urgency: Urgent", "Status: New", "what", "sysaid, event 01020304-0506-0708-090a-0b0c0d0e0f10",
            ],
            lines);
        Assert.Equal(Link + "148", (string?)card["actions"]![0]!["url"]);
    }

    [Fact]
    public void Jira_OfACreatedRecord_IsAnIssue()
    {
        var fields = Render("jira", "jira-issues", Sample)["fields"]!;

        Assert.Equal("test 123 (SysAid #148)", (string?)fields["summary"]);
        Assert.Equal(("OPS", "Task"), ((string?)fields["project"]!["key"], (string?)fields["issuetype"]!["name"]));
        Assert.Equal(["sysaid", "sysaid-148"], fields["labels"]!.AsArray().Select(label => (string)label!));
        Assert.Equal(
            [
                "what", "Requested by: admautoqa", "Assigned to: adm", "Group: none", "Priority: Urgent", "Urgency: Urgent", "Status: New",
                "Open in SysAid", "sysaid, event 01020304-0506-0708-090a-0b0c0d0e0f10",
            ],
            AdfTexts(fields["description"]!));
        Assert.Contains(Link + "148", fields.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Jira_OfAChange_IsAComment()
    {
        var sent = Render("jira", "jira-comments", Updated(("status", "1", "2"), ("assignee", "", "adm")), "sr.updated");

        Assert.Equal(
            ("sysaid-148", "Service record #148 updated in SysAid\nStatus: New → 2\nAssigned to: none → adm", Link + "148"),
            ((string?)sent["label"], (string?)sent["comment"], (string?)sent["url"]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Message_OfAnIncrementalAFullAndACoalescedUpdate_NamesEachChange(string file, string destination)
    {
        var incremental = Updated(("priority", "3", "1"));
        var full = Updated(("priority", "3", "1"), ("status", "1", "7"), ("title", "a", "b"));
        full["sr_version"] = 7;
        var coalesced = Updated(("priority", "3", "1"), ("status", "1", "7"), ("title", "a", "b"), ("notes", "", "done"));

        Assert.Equal(["Priority: 3 → Urgent"], Changes(Render(file, destination, incremental, "sr.updated")));
        Assert.Equal(["Priority: 3 → Urgent", "Status: New → 7", "Title: a → b"], Changes(Render(file, destination, full, "sr.updated")));
        Assert.Equal(
            ["Priority: 3 → Urgent", "Status: New → 7", "Title: a → b", "notes: none → done"],
            Changes(Render(file, destination, coalesced, "sr.updated")));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Message_OfACreatedRecord_SaysItsTitleOnce(string file, string destination)
    {
        var message = Render(file, destination, Sample);

        // A comment has no heading that says it.
        Assert.Equal(destination == "jira-comments" ? 1 : 0, Lines(message).Count(line => line == "Title: test 123"));
        Assert.Contains("test 123", message.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slack", "slack", "id")]
    [InlineData("teams", "teams", "id")]
    [InlineData("jira", "jira-issues", "id")]
    [InlineData("jira", "jira-comments", "id")]
    [InlineData("slack", "slack", "srId")]
    [InlineData("teams", "teams", "srId")]
    [InlineData("jira", "jira-issues", "srId")]
    [InlineData("jira", "jira-comments", "srId")]
    public void Message_OfARecordThatWasFound_SaysWhichAndWhatItIs(string file, string destination, string id)
    {
        var found = new JsonObject
        {
            [id] = 148,
            ["title"] = "never posted",
            ["priority"] = 1,
            ["status"] = "7",
            ["assignee"] = null,
            ["requestUser"] = new JsonObject { ["name"] = "adm" },
            ["updateTime"] = 1751280965889,
        };

        var message = Render(file, destination, found, "sr.updated");

        AssertTaken(destination, message);
        Assert.Contains("Priority: Urgent", Lines(message));
        Assert.Contains("Status: 7", Lines(message));
        Assert.DoesNotContain(Lines(message), line => line.StartsWith("Assigned to", StringComparison.Ordinal));
        Assert.Contains("148", message.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("never posted", message.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(Link + "148", message.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Message_OfManyChanges_ShowsTenAndCountsTheRest(string file, string destination)
    {
        var many = Updated([.. Enumerable.Range(1, 25).Select(i => ($"field{i}", "a", "b"))]);

        var message = Render(file, destination, many, "sr.updated");

        Assert.Equal([.. Enumerable.Range(1, 10).Select(i => $"field{i}: a → b")], Changes(message));
        Assert.Contains("… and 15 more", Lines(message));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Message_OfWhatIsHiddenOrUnchangedOrLong_LeavesItOutOrCutsIt(string file, string destination)
    {
        var update = Updated(
            ("version", "1", "2"), ("coreUpdate", "a", "b"), ("same", "x", "x"), ("richTextFields", "", "[RichTextFieldRequest(new layout)]"),
            ("notes", new string('a', 200), new string('b', 200)));

        Assert.Equal(
            [$"notes: {new string('a', 79)}… → {new string('b', 79)}…"], Changes(Render(file, destination, update, "sr.updated")));
        Assert.DoesNotContain("new layout", Render(file, destination, update, "sr.updated").ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Slack_WithoutARecordsAddress_NamesTheRecordAllTheSame() => Assert.Equal(
        "*Service record #148* created", SlackTexts(Render("slack", "slack", JsonNode.Parse(Sample)!, "sr.created", link: ""))[0]);

    [Fact]
    public void Slack_OfSignsThatGrowWhenEscaped_KeepsToItsLimit()
    {
        var signs = new string('&', 500);
        var message = Render("slack", "slack", Updated([.. Enumerable.Range(1, 10).Select(i => ($"field{i}", "a", signs))]), "sr.updated");

        AssertTaken("slack", message);
        Assert.Equal(2990, SlackTexts(message)[1].Length);
    }

    [Fact]
    public void Jira_OfALongDescription_KeepsToItsLimit()
    {
        var html = string.Concat(Enumerable.Repeat($"<p>{new string('x', 600)}</p>", 300));
        var body = Updated(("richTextFields", "", $$"""[RichTextFieldRequest(jsonContent={"text":"{{html}}"}, columnName=description)]"""));

        var texts = AdfTexts(Render("jira", "jira-issues", body, "sr.created")["fields"]!["description"]!);

        Assert.Equal(new string('x', 499) + "…", texts[0]);
        Assert.InRange(texts.Sum(text => text.Length), 1, 32_767);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Message_WithoutARecordsAddress_HasNoLink(string file, string destination)
    {
        var message = Render(file, destination, JsonNode.Parse(Sample)!, "sr.created", link: "").ToJsonString();

        Assert.DoesNotContain("acme.example", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Action.OpenUrl", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Open in SysAid", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Message_OnAnyShape_IsWhatItsReceiverTakes(string file, string destination)
    {
        string[] bodies =
        [
            "", "no JSON", "null", "[]", "{}", "7", "\"text\"", """{"updates":null}""", """{"updates":"title"}""", """{"updates":{"fieldName":"title"}}""",
            """{"updates":[null,1,"x",[],{}],"srId":""}""", """{"updates":[{"fieldName":null,"currentValue":null}],"srId":{}}""",
            """{"updates":[{"fieldName":{"a":1},"currentValue":[1,2]},{"fieldName":"title","currentValue":{"a":1}}],"srId":[1,2]}""",
            $$"""{"updates":[{{string.Join(',', Enumerable.Repeat("""{"fieldName":"f","currentValue":1}""", 50_000))}}]}""",
        ];
        foreach (var body in bodies)
        {
            AssertTaken(destination, Render(file, destination, body));
            AssertTaken(destination, Render(file, destination, body, "sr.updated"));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Message_OfAnyValues_IsWhatItsReceiverTakes(string file, string destination)
    {
        var name = Gen.Int[0, Names.Length - 1].Select(index => Names[index]);
        var value = Gen.Int[0, Values.Length - 1].Select(index => Values[index]).Array[0, 3].Select(string.Concat);
        var bodies = Gen.Select(value, Gen.Select(name, value, value).Array[0, 30]);

        bodies.Sample(
            drawn =>
            {
                var body = Updated(drawn.Item2);
                body["srId"] = drawn.Item1;
                AssertTaken(destination, Render(file, destination, body, "sr.updated"));
                AssertTaken(destination, Render(file, destination, body, "sr.created"));
            },
            iter: 300);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Message_OfHostileText_StillSaysIt(string file, string destination)
    {
        var message = Render(file, destination, Updated(("title", "", Hostile)), "sr.updated");

        AssertTaken(destination, message);
        Assert.Contains("{{ id }} {% raw %} '}],", string.Join('\n', Texts(message)), StringComparison.Ordinal);
    }

    /// <summary>Text is text, and none is empty, too long or more than it says.</summary>
    private static void AssertTaken(string destination, JsonNode message)
    {
        switch (destination)
        {
            case "slack":
                Assert.All(SlackTexts(message).Skip(1), text => Assert.DoesNotMatch("[<>]|&(?!amp;|lt;|gt;|[a-z]{0,3}…$)", text));
                Assert.Matches(@"^\*<https://acme\.example/record\?id=[^<>|\s]*\|Service record[^<>]*>\* (created|updated)$", SlackTexts(message)[0]);
                Assert.DoesNotMatch("[<>]", (string)message["text"]!);
                Assert.All(SlackTexts(message), text => Assert.InRange(text.Trim().Length, 1, 3000));
                break;
            case "teams":
                Assert.DoesNotContain("TextBlock\"", message.ToJsonString().Replace("RichTextBlock", "", StringComparison.Ordinal), StringComparison.Ordinal);
                Assert.All(Texts(message), text => Assert.NotEqual("", text));
                Assert.InRange(Encoding.UTF8.GetByteCount(message.ToJsonString()), 1, 28 * 1024);
                break;
            case "jira-issues":
                Assert.InRange(((string)message["fields"]!["summary"]!).Length, 1, 255);
                Assert.DoesNotMatch(@"[\x00-\x1F]", (string)message["fields"]!["summary"]!);
                Assert.All(message["fields"]!["labels"]!.AsArray(), label => Assert.DoesNotMatch(@"\s", (string)label!));
                Assert.All(AdfTexts(message["fields"]!["description"]!), text => Assert.NotEqual("", text));
                break;
            default:
                Assert.DoesNotContain("{noformat", (string)message["comment"]!, StringComparison.Ordinal);
                break;
        }
    }

    private static JsonObject Updated(params (string Name, string Old, string New)[] changes) => new()
    {
        ["eventName"] = "sr.updated",
        ["srId"] = 148,
        ["updates"] = new JsonArray([.. changes.Select(change => (JsonNode)new JsonObject
        {
            ["fieldName"] = change.Name,
            ["currentValue"] = change.New,
            ["previousValue"] = change.Old,
            ["timestamp"] = 1751280965889,
        })]),
    };

    private static string[] SlackTexts(JsonNode message) =>
        [.. message["blocks"]!.AsArray().Select(block => (string)(block!["text"] ?? block["elements"]![0])!["text"]!)];

    private static string[] AdfTexts(JsonNode document) =>
        [.. Objects(document).Where(node => (string?)node["type"] == "text").Select(node => (string)node["text"]!)];

    private static string[] Changes(JsonNode message) =>
        [.. Lines(message).Where(line => line.Contains(" → ", StringComparison.Ordinal))];

    /// <summary>The lines that a person reads: a card's line is made of several runs.</summary>
    private static string[] Lines(JsonNode message)
    {
        var runs = Objects(message).Where(node => node["inlines"] is not null)
            .Select(node => string.Concat(node["inlines"]!.AsArray().Select(run => (string)run!["text"]!))).ToArray();
        return [.. (runs.Length > 0 ? runs : Texts(message)).SelectMany(text => text.Split('\n'))];
    }

    private static string[] Texts(JsonNode message) => [.. Objects(message).SelectMany(node => node)
        .Where(property => property is { Key: "text" or "comment", Value: JsonValue }).Select(property => (string)property.Value!)];

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject inner => inner.SelectMany(property => Objects(property.Value)).Prepend(inner),
        JsonArray items => items.SelectMany(Objects),
        _ => [],
    };

    private static JsonNode Render(string file, string destination, JsonNode body, string eventName, string link = Link + "{id}") =>
        Render(file, destination, body.ToJsonString(), eventName, link);

    private static JsonNode Render(
        string file, string destination, string body, string eventName = "sr.created", string link = Link + "{id}")
    {
        var template = Templates.GetOrAdd((file, destination, link), Load);
        Assert.True(template.TryRender(DeliveryTemplateTests.Event(body) with { Name = eventName }, out var rendered, out var problem), problem);
        return JsonNode.Parse(rendered.Bytes.Span)!;
    }

    private static DeliveryTemplate Load((string File, string Destination, string Link) of)
    {
        var result = ConfigurationLoader.Load(
            Repository.File("config", $"sysaid-to-{of.File}.yaml"),
            name => name == "SYSAID_RECORD_URL" ? of.Link : name.EndsWith("_URL", StringComparison.Ordinal) ? "https://x.example" : "secret");
        var configuration = Assert.IsType<ConfigurationResult.Valid>(result).Configuration;
        return new DeliveryTemplate(configuration.Destinations.Single(given => given.Name == of.Destination).Template!, new FakeTimeProvider());
    }
}

using System.Text.Json.Nodes;
using HookGateway.Host.Commands;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.FunctionalTests.Admin;

/// <summary>The verbs over the admin API, against the running program.</summary>
public sealed class OperatorCommandsTests(OperatedGateway fixture) : IClassFixture<OperatedGateway>
{
    [Fact]
    public async Task Events_ListShowReplay_WorkOnOneEvent()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Status(500));
        var id = await fixture.SendAsync(77);
        await fixture.StandsAsync(id, "dead");
        fixture.Tickets.AnswerWith(_ => Answer.Ok);

        var list = await RunAsync("events", "list", "--state", "dead", "--key", "77", "--from", "1h");
        var json = await RunAsync("events", "list", "--key", "77", "--json");
        var show = await RunAsync("events", "show", id);
        var replay = await RunAsync("events", "replay", id, "--to", "tickets");

        Assert.Equal((0, 0, 0, 0), (list.Code, json.Code, show.Code, replay.Code));
        Assert.StartsWith("ID ", list.Output, StringComparison.Ordinal);
        Assert.Contains("tickets: dead, audit: delivered", list.Output, StringComparison.Ordinal);
        Assert.Equal(id, (string?)JsonNode.Parse(json.Output)!["id"]);
        Assert.Contains("HTTP 500", show.Output, StringComparison.Ordinal);
        Assert.Contains("tickets revived", replay.Output, StringComparison.Ordinal);
        await fixture.StandsAsync(id, "delivered");
    }

    [Fact]
    public async Task Events_List_GoesThroughAllPages()
    {
        for (var i = 0; i < 5; i++)
            await fixture.SendAsync(78);

        Assert.Equal(3, (await RunAsync("events", "list", "--key", "78", "--limit", "3", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(5, (await RunAsync("events", "list", "--key", "78", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Destinations_PausedAndResumed_AreShownSo()
    {
        Assert.Equal((0, "audit: paused\n", ""), await RunAsync("destinations", "pause", "audit"));
        Assert.Contains("paused since", (await RunAsync("destinations", "list")).Output, StringComparison.Ordinal);
        Assert.Equal((0, "{\"name\":\"audit\",\"paused\":false}\n", ""), await RunAsync("destinations", "resume", "audit", "--json"));
        Assert.DoesNotContain("paused", (await RunAsync("destinations", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("destinations", "replay-dead", "audit")).Code);
    }

    [Fact]
    public async Task Audit_Balanced_ExitsZero()
    {
        await fixture.SendAsync();

        var (code, output, _) = await RunAsync("audit");

        Assert.Equal(0, code);
        Assert.Contains("The books balance.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_NotBalanced_ExitsOne()
    {
        await using var admin = await Receiver.StartAsync();
        admin.AnswerWith(_ => new Answer.Responding(200)
        {
            Body = """{"sources":[],"destinations":[],"unevenEvents":0,"orphans":0,"forgotten":2,"balanced":false,"unaccounted":2}"""u8.ToArray(),
        });

        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(
            ["audit", "--admin", admin.Url.GetLeftPart(UriPartial.Authority)], output, error, TestContext.Current.CancellationToken);

        Assert.Equal((1, ""), (code, error.ToString()));
        Assert.Contains("owed but never due: 2", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "There is no event", "events", "show", "nothing")]
    [InlineData(1, "'lost' is no state", "events", "list", "--state", "lost")]
    [InlineData(1, "No destination is called", "destinations", "pause", "nobody")]
    [InlineData(1, "No destination is called", "events", "replay", "00000000-0000-0000-0000-000000000000", "--to", "nobody")]
    [InlineData(2, "", "events", "replay")]
    [InlineData(2, "", "events", "list", "--limit", "0")]
    [InlineData(2, "", "destinations", "pause")]
    public async Task Verb_CannotBeDone_SaysWhy(int code, string error, params string[] words)
    {
        var run = await RunAsync(words);

        Assert.Equal((code, ""), (run.Code, run.Output));
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verb_TokenOnTheLine_WorksAndWarns()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        string[] words = ["audit", "--admin", fixture.Gateway.AdminUrl.ToString(), "--token"];

        Assert.Equal(0, await CommandLine.RunAsync([.. words, OperatedGateway.Token], output, error, TestContext.Current.CancellationToken));
        Assert.Contains("warning", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await CommandLine.RunAsync([.. words, "wrong"], output, error, TestContext.Current.CancellationToken));
        Assert.Contains("needs its token", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verb_NothingListens_ExitsOne()
    {
        var (output, error) = (new StringWriter(), new StringWriter());

        var code = await CommandLine.RunAsync(
            ["audit", "--admin", $"http://127.0.0.1:{FreePorts.Take(1)[0]}"], output, error, TestContext.Current.CancellationToken);

        Assert.Equal((1, ""), (code, output.ToString()));
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var token = fixture.Gateway.Write("token", OperatedGateway.Token + "\n");
        var code = await CommandLine.RunAsync(
            [.. words, "--admin", fixture.Gateway.AdminUrl.ToString(), "--token-file", token], output, error,
            TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}

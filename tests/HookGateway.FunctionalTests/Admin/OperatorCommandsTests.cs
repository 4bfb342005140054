using System.Text.Json.Nodes;
using HookGateway.Host.Commands;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
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
        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        for (var i = 0; i < 5; i++)
            await fixture.StandsAsync(await fixture.SendAsync(78), "delivered");

        Assert.Equal(3, (await RunAsync("events", "list", "--key", "78", "--limit", "3", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(5, (await RunAsync("events", "list", "--key", "78", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Events_ReplayWhere_WaitsUntilAllIsDelivered()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        string[] ids = [await fixture.SendAsync(79), await fixture.SendAsync(79)];
        foreach (var id in ids)
            await fixture.StandsAsync(id, "delivered");

        var replay = await RunAsync("events", "replay", "--where", "source=sysaid  event=sr.*", "--where", "key=79 from=1h", "--to", "audit", "--yes");
        var json = await RunAsync("events", "replay", "--where", "key=79", "--to", "audit", "--yes", "--json");

        Assert.Equal((0, "2 events match.\n", 0), (replay.Code, replay.Error, json.Code));
        Assert.Contains("done; ", replay.Output, StringComparison.Ordinal);
        Assert.Contains("2 matched; deliveries: 2 made, 2 delivered, 0 dead, 0 pending", replay.Output, StringComparison.Ordinal);
        var view = JsonNode.Parse(json.Output)!;
        Assert.Equal(("done", 2, 2), ((string?)view["state"], (int)view["matched"]!, (int)view["delivered"]!));
        Assert.Equal("79", (string?)view["filter"]!["key"]);
        Assert.All(ids, id => Assert.Equal(3, fixture.Audit.Arrivals.Count(arrival => arrival.WebhookId == id)));
    }

    [Fact]
    public async Task Events_ReplayWhereItDiesAgain_ExitsOne()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Status(500));
        await fixture.StandsAsync(await fixture.SendAsync(80), "dead");

        var replay = await RunAsync("events", "replay", "--where", "key=80", "--to", "tickets", "--yes");

        Assert.Equal(1, replay.Code);
        Assert.Contains("1 made, 0 delivered, 1 dead", replay.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(82, "1 events match.", "events", "replay", "--where", "key=82", "--to", "audit")]
    [InlineData(83, " events match.", "events", "replay", "--all", "--to", "audit", "--detach")]
    [InlineData(84, " dead deliveries match.", "destinations", "replay-dead", "tickets")]
    public async Task Replay_OfManyWithoutATerminalAndAYes_IsRefused(int record, string count, params string[] words)
    {
        fixture.Tickets.AnswerWith(_ => Answer.Status(500));
        await fixture.StandsAsync(await fixture.SendAsync(record), "dead");
        var before = await RunAsync("events", "replays", "--json");

        // The real program: its standard input and output are no terminal, whatever those of the tests are.
        var token = fixture.Gateway.Write("token", OperatedGateway.Token);
        var run = await CommandRun.OfAsync([.. words, "--admin", fixture.Gateway.AdminUrl.ToString(), "--token-file", token]);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains($"{count} Nothing is replayed: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("--yes", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, await RunAsync("events", "replays", "--json"));
    }

    [Fact]
    public async Task Destinations_ReplayDead_WaitsUntilAllIsDelivered()
    {
        fixture.Tickets.AnswerWith(_ => Answer.Status(500));
        var id = await fixture.SendAsync(85);
        await fixture.StandsAsync(id, "dead");
        var again = await RunAsync("destinations", "replay-dead", "tickets", "--yes");
        fixture.Tickets.AnswerWith(_ => Answer.Ok);

        var replay = await RunAsync("destinations", "replay-dead", "tickets", "--yes");

        Assert.Equal((1, 0), (again.Code, replay.Code));
        Assert.EndsWith(" dead deliveries match.\n", replay.Error, StringComparison.Ordinal);
        Assert.Contains(" 0 dead, 0 pending", replay.Output, StringComparison.Ordinal);
        Assert.Contains("delivered", (await RunAsync("events", "list", "--key", "85")).Output, StringComparison.Ordinal);
        Assert.Equal("0 dead deliveries match.\n", (await RunAsync("destinations", "replay-dead", "tickets", "--yes", "--detach")).Error);
    }

    [Fact]
    public async Task Events_Replays_AreListedShownAndCancelled()
    {
        await fixture.SendAsync(81);
        await RunAsync("destinations", "pause", "audit");
        var begun = await RunAsync("events", "replay", "--where", "key=81", "--to", "audit", "--yes", "--detach", "--json");
        var number = (string)JsonNode.Parse(begun.Output)!["id"]!.ToString();

        var listed = await RunAsync("events", "replays");
        var shown = await RunAsync("events", "replays", number);
        var cancelled = await RunAsync("events", "replays", number, "--cancel", "--json");
        await RunAsync("destinations", "resume", "audit");

        Assert.StartsWith("REPLAY ", listed.Output, StringComparison.Ordinal);
        Assert.Contains("key=81", listed.Output, StringComparison.Ordinal);
        Assert.StartsWith($"replay {number}: ", shown.Output, StringComparison.Ordinal);
        Assert.Equal((0, number), (cancelled.Code, JsonNode.Parse(cancelled.Output)!["id"]!.ToString()));
        await fixture.ReplayedAsync(long.Parse(number, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Destinations_PausedAndResumed_AreShownSo()
    {
        Assert.Equal((0, "audit: paused\n", ""), await RunAsync("destinations", "pause", "audit"));
        Assert.Contains("paused since", (await RunAsync("destinations", "list")).Output, StringComparison.Ordinal);
        Assert.Equal((0, "{\"name\":\"audit\",\"paused\":false}\n", ""), await RunAsync("destinations", "resume", "audit", "--json"));
        Assert.DoesNotContain("paused", (await RunAsync("destinations", "list")).Output, StringComparison.Ordinal);
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
            Body = """{"sources":[],"destinations":[],"unevenEvents":0,"orphans":0,"forgotten":2,"unevenReplays":0,"balanced":false,"unaccounted":2}"""u8.ToArray(),
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
    [InlineData(1, "No destination is called", "destinations", "replay-dead", "nobody", "--yes")]
    [InlineData(1, "No destination is called", "events", "replay", "00000000-0000-0000-0000-000000000000", "--to", "nobody")]
    [InlineData(2, "Say what to replay", "events", "replay")]
    [InlineData(2, "Say what to replay", "events", "replay", "00000000-0000-0000-0000-000000000000", "--all")]
    [InlineData(2, "no condition", "events", "replay", "--where", "dead")]
    [InlineData(2, "twice", "events", "replay", "--where", "key=1 key=2")]
    [InlineData(1, "There is no filter 'sorce'", "events", "replay", "--where", "sorce=sysaid")]
    [InlineData(1, "'lost' is no state", "events", "replay", "--where", "state=lost")]
    [InlineData(1, "There is no bulk replay", "events", "replays", "4711")]
    [InlineData(2, "--cancel needs", "events", "replays", "--cancel")]
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

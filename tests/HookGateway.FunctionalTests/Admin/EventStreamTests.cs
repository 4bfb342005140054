using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using HookGateway.Host.Commands;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Admin;

/// <summary>What happens, told as it happens, over real sockets.</summary>
public sealed class EventStreamTests(OperatedGateway fixture) : IClassFixture<OperatedGateway>
{
    [Fact]
    public async Task Tail_EventFailsAndIsDelivered_TellsEachStep()
    {
        fixture.Tickets.AnswerEachEvent(Answer.Status(503), Answer.Ok);
        await using var tail = await TailAsync("--key", "601", "--json");

        var other = await fixture.SendAsync(602);
        var id = await fixture.SendAsync(601);
        await Wait.UntilAsync(() => tail.Lines.Count == 4, "four happenings");
        await fixture.StandsAsync(other, "delivered");

        Assert.Equal(0, await tail.EndAsync());
        var told = tail.Lines.Select(text => JsonNode.Parse(text)!).ToList();
        Assert.All(told, line => Assert.Equal((id, "sysaid", "sr.created"), ((string?)line["id"], (string?)line["source"], (string?)line["event"])));
        Assert.Equal("accepted", (string?)told[0]["state"]);
        Assert.Equal(["failing 1 503 status", "delivered 2 200 "], told.Where(line => (string?)line["destination"] == "tickets")
            .Select(line => $"{line["state"]} {line["attempt"]} {line["status"]} {line["error"]}"));
    }

    [Theory]
    [InlineData("--state", "unrouted")]
    [InlineData("--event", "sr.upd*")]
    public async Task Tail_Filtered_TellsOnlyWhatMeetsIt(params string[] filter)
    {
        fixture.Tickets.AnswerWith(_ => Answer.Ok);
        await using var tail = await TailAsync(filter);

        await fixture.StandsAsync(await fixture.SendAsync(603), "delivered");
        var unrouted = (await fixture.Sender.SendAsync(SysAidEvent.Updated(603, "priority", "1"))).Id!;
        await Wait.UntilAsync(() => tail.Lines.Count > 0, "something to be told");

        Assert.Equal(0, await tail.EndAsync());
        Assert.Contains($"unrouted  {unrouted}  sysaid sr.updated 603", Assert.Single(tail.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("from=2026-03-01T12:00:00Z")]
    [InlineData("limit=3")]
    [InlineData("cursor=1")]
    [InlineData("state=lost")]
    [InlineData("sorce=x")]
    public async Task Stream_NotAsItTakesIt_IsAProblem(string query)
    {
        using var answer = await fixture.AskAsync(HttpMethod.Get, $"/api/v1/events/stream?{query}");

        Assert.Equal((400, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Stop_WhileSomebodyListens_DoesNotWaitForThem()
    {
        await using var tail = await TailAsync();

        Assert.Equal(0, await fixture.Gateway.TerminateAsync());

        Assert.Equal(1, await Wait.ForAsync(tail.Code, "the command to end"));
        Assert.Contains("ended the stream", tail.Errors.Last(), StringComparison.Ordinal);
        await fixture.Gateway.StartAgainAsync();
    }

    /// <summary>Starts the command, and waits until it listens.</summary>
    private async Task<Tail> TailAsync(params string[] words)
    {
        var tail = new Tail();
        var token = fixture.Gateway.Write("token", OperatedGateway.Token + "\n");
        tail.Begin(["events", "tail", .. words, "--admin", fixture.Gateway.AdminUrl.ToString(), "--token-file", token]);
        await Wait.UntilAsync(() => tail.Errors.Count > 0, "the command to listen");
        Assert.Equal(["Listening; Ctrl-C ends it."], tail.Errors);
        return tail;
    }

    private sealed class Tail : IAsyncDisposable
    {
        private readonly LineWriter _output = new();
        private readonly LineWriter _error = new();
        private readonly CancellationTokenSource _stop = new();

        public Task<int> Code { get; private set; } = Task.FromResult(0);

        public IReadOnlyCollection<string> Lines => _output.Lines;

        public IReadOnlyCollection<string> Errors => _error.Lines;

        public void Begin(string[] words) => Code = Task.Run(() => CommandLine.RunAsync(words, _output, _error, _stop.Token));

        public async Task<int> EndAsync()
        {
            await _stop.CancelAsync();
            return await Wait.ForAsync(Code, "the command to end");
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            _stop.Dispose();
            await _output.DisposeAsync();
            await _error.DisposeAsync();
        }
    }

    /// <summary>Keeps whole lines; any thread may look at them.</summary>
    private sealed class LineWriter : StringWriter
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public override void WriteLine(string? value) => _lines.Enqueue(value ?? "");

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }
    }
}

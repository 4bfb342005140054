using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Deliver;

/// <summary>What shapes deliveries, over real sockets.</summary>
public sealed class ShapingTests(ShapedGateway fixture) : IClassFixture<ShapedGateway>
{
    [Fact]
    public async Task Where_HoldsForOneEventOnly_LetsOnlyThatThrough()
    {
        var filtered = await fixture.Sender.SendAsync(SysAidEvent.Updated(1, "priority", "2"));
        var taken = await fixture.Sender.SendAsync(SysAidEvent.Updated(2, "priority", "1"));

        Assert.Equal((202, 202), (filtered.Status, taken.Status));
        await ArrivalsOf(taken.Id!, 1);
        Assert.DoesNotContain(fixture.Plain.Arrivals, arrival => arrival.WebhookId == filtered.Id);
    }

    [Fact]
    public async Task Where_FailsOnAnEvent_IsToldAndTheEventIsAcceptedAndRoutedByTheOthers()
    {
        var body = JsonNode.Parse(SysAidEvent.Updated(3, "priority", "1"))!;
        body["breaks"] = true;

        var answer = await fixture.Sender.SendAsync(Encoding.UTF8.GetBytes(body.ToJsonString()));

        Assert.Equal(202, answer.Status);
        await ArrivalsOf(answer.Id!, 1);
        await Wait.UntilAsync(
            () => fixture.Gateway.Output.Contains($"Event {answer.Id} (sr.updated) is not taken by route fragile", StringComparison.Ordinal),
            "the failure in the log");
    }

    [Fact]
    public async Task RetryAfter_AsADate_IsHonouredInsteadOfTheSchedule()
    {
        Script(arrival => arrival.Attempt == 1
            ? Answer.RetryAfter(503, TimeProvider.System.GetUtcNow().AddSeconds(3).ToString("R", CultureInfo.InvariantCulture))
            : Answer.Ok);
        var answer = await fixture.Sender.SendAsync(SysAidEvent.Updated(4, "to", "retried"));

        var own = await ArrivalsOf(answer.Id!, 2);

        // A date has whole seconds; the schedule alone would have waited 16 s at least.
        Assert.InRange((own[1].At - own[0].At).TotalSeconds, 1.9, 12);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task RetryAfter_BeyondMax_IsHeldToMax(int status)
    {
        Script(arrival => arrival.Attempt == 1 ? Answer.RetryAfter(status, "3600") : Answer.Ok);
        var answer = await fixture.Sender.SendAsync(SysAidEvent.Updated(5, "to", "capped"));

        var own = await ArrivalsOf(answer.Id!, 2);

        Assert.InRange((own[1].At - own[0].At).TotalSeconds, 0.29, 10);
    }

    [Theory]
    [InlineData("retried", 410, "giveUpOn")]
    [InlineData("strictly", 404, "giveUpOn")]
    [InlineData("strictly", 502, "giveUpOn")]
    public async Task GiveUpOn_StatusOfIt_IsDeadAtOnce(string destination, int status, string reason)
    {
        Script(_ => Answer.Status(status));
        var answer = await fixture.Sender.SendAsync(SysAidEvent.Updated(6, "to", destination));

        await DeadAsync(answer.Id!, destination, attempts: 1, reason);
    }

    [Fact]
    public async Task MaxAge_NextAttemptWouldBeBeyondIt_IsDead()
    {
        Script(_ => Answer.Status(500));
        var answer = await fixture.Sender.SendAsync(SysAidEvent.Updated(7, "to", "old"));

        await Wait.UntilAsync(() => LogOf(answer.Id!).Contains("given up by maxAge", StringComparison.Ordinal), "the end");
        Assert.InRange(fixture.Plain.Arrivals.Count(arrival => arrival.WebhookId == answer.Id), 2, 6);
    }

    [Fact]
    public async Task Template_OfADestination_IsWhatItGets()
    {
        var answer = await fixture.Sender.SendAsync(SysAidEvent.Full(148, 1, null, ("title", "a \"quoted\" <b>"), ("to", "chat")));

        var own = await ArrivalsOf(answer.Id!, 2);

        var slack = Assert.Single(own, arrival => arrival.Path.EndsWith("/slack", StringComparison.Ordinal));
        Assert.Equal("application/json", slack.Header("Content-Type"));
        Assert.Equal("sr.updated #148: a \"quoted\" &lt;b&gt;", (string?)JsonNode.Parse(slack.Body)!["text"]);
        var text = Assert.Single(own, arrival => arrival.Path.EndsWith("/text", StringComparison.Ordinal));
        Assert.Equal("text/plain", text.Header("Content-Type"));
        Assert.StartsWith("sysaid: sr.updated #148; title: a \"quoted\" <b>", Encoding.UTF8.GetString(text.Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RateLimit_MoreEventsThanItAllows_HoldsFromTheBeginningAndLosesNone()
    {
        var begun = TimeProvider.System.GetUtcNow();
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => fixture.ToLimited.SendAsync(SysAidEvent.Created(i))));

        var arrivals = await fixture.Limited.WaitForAsync(60);

        Assert.Equal(answers.Select(answer => answer.Id).Order(), arrivals.Select(arrival => arrival.WebhookId).Order());
        Assert.All(arrivals, arrival => Assert.Equal(1, arrival.Attempt));

        // Two are saved and one is there, then eighteen come in a second. From before the first was sent: what holds one up makes it later only.
        for (var i = 0; i < arrivals.Count; i++)
            Assert.InRange((arrivals[i].At - begun).TotalSeconds, ((i - 2) / 18.0) - 0.05, double.MaxValue);
    }

    [Fact]
    public async Task Concurrency_DownstreamTakesFourAtOnce_FindsThat()
    {
        const int Capacity = 4;
        const int Events = 600;
        var underWay = 0;
        var refused = 0;
        fixture.Small.AnswerWith(_ =>
        {
            if (Interlocked.Increment(ref underWay) > Capacity)
            {
                Interlocked.Decrement(ref underWay);
                Interlocked.Increment(ref refused);
                return Answer.Status(429);
            }

            return Answer.When(WorkAsync());
        });

        async Task WorkAsync()
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            Interlocked.Decrement(ref underWay);
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, Events).Select(i => fixture.ToSmall.SendAsync(SysAidEvent.Created(i))));

        var ids = answers.Select(answer => answer.Id).ToHashSet();
        await fixture.Small.WaitForAsync(
            all => all.Select(arrival => arrival.WebhookId).Distinct().Count() == Events && all.Count - Volatile.Read(ref refused) == Events,
            TimeSpan.FromSeconds(60));
        Assert.All(fixture.Small.Arrivals, arrival => Assert.Contains(arrival.WebhookId, ids));

        // 32 at once against 4 would have refused seven of eight, attempt after attempt.
        Assert.InRange(refused, 1, Events / 4);
    }

    private void Script(Func<Arrival, Answer> script) => fixture.Plain.AnswerWith(script);

    private async Task<IReadOnlyList<Arrival>> ArrivalsOf(string id, int count)
    {
        var arrivals = await fixture.Plain.WaitForAsync(all => all.Count(arrival => arrival.WebhookId == id) >= count);
        return [.. arrivals.Where(arrival => arrival.WebhookId == id)];
    }

    private async Task DeadAsync(string id, string destination, int attempts, string reason)
    {
        await Wait.UntilAsync(
            () => LogOf(id).Contains($"is dead for {destination} after attempt {attempts}", StringComparison.Ordinal), "the end in the log");
        Assert.Contains($"given up by {reason}", LogOf(id), StringComparison.Ordinal);
        Assert.Equal(attempts, fixture.Plain.Arrivals.Count(arrival => arrival.WebhookId == id));
    }

    private string LogOf(string id) => string.Join(
        '\n', fixture.Gateway.Output.Split('\n').Where(line => line.Contains(id, StringComparison.Ordinal)));
}

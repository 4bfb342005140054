using System.Text;
using HookGateway.Events;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.MainJob;

/// <summary>The main job over real sockets: what a sender is answered, and what the downstreams get.</summary>
public sealed class MainJobTests(SysAidGateway fixture) : IClassFixture<SysAidGateway>
{
    [Fact]
    public async Task Event_Signed_IsAcceptedAndReachesEveryRoutedUrlByteForByte()
    {
        var body = SysAidEvent.Created(148);

        var answer = await fixture.Sender.SendAsync(body);

        Assert.Equal(202, answer.Status);
        Assert.Equal("accepted", answer.Result);
        Assert.True(EventId.TryParse(answer.Id, out _));
        foreach (var receiver in new[] { fixture.Tickets, fixture.Audit })
        {
            var arrival = await ArrivalOf(receiver, answer.Id!);
            Assert.Equal(body, arrival.Body);
            Assert.Equal("POST", arrival.Method);
            Assert.Equal("application/json", arrival.Header("Content-Type"));
            Assert.Equal("sr.created", arrival.Header("X-HookGateway-Event"));
            Assert.Equal("sysaid", arrival.Header("X-HookGateway-Source"));
            Assert.Equal("1", arrival.Header("X-HookGateway-Attempt"));
            Assert.Equal(IdOf(body), arrival.Header("X-HookGateway-Source-Id"));
            Assert.Matches("^[0-9]+$", arrival.Header("webhook-timestamp"));
            Assert.Null(arrival.Header(SysAidSender.SignatureHeader));
            Assert.Null(arrival.Header("User-Agent"));
        }

        Assert.EndsWith("?token=in-the-url", (await ArrivalOf(fixture.Tickets, answer.Id!)).Path, StringComparison.Ordinal);
        Assert.Equal("Bearer of-audit", (await ArrivalOf(fixture.Audit, answer.Id!)).Header("Authorization"));
    }

    [Fact]
    public async Task Event_SentAgain_IsAnsweredDuplicateWithTheFirstIdAndDeliveredOnce()
    {
        var body = SysAidEvent.Created(149);
        var first = await fixture.Sender.SendAsync(body);

        var second = await fixture.Sender.SendAsync(body);

        Assert.Equal(200, second.Status);
        Assert.Equal("duplicate", second.Result);
        Assert.Equal(first.Id, second.Id);

        // Whatever is accepted later arrives later: by then a second delivery would have been made.
        var later = await fixture.Sender.SendAsync(SysAidEvent.Created(149));
        await ArrivalOf(fixture.Audit, later.Id!);
        Assert.Single(fixture.Audit.Arrivals, arrival => arrival.WebhookId == first.Id);
    }

    [Fact]
    public async Task Event_ManySentAtOnceTwice_EachIsStoredOnce()
    {
        var bodies = Enumerable.Range(0, 40).Select(number => SysAidEvent.Created(number)).ToArray();

        var answers = await Task.WhenAll(bodies.Concat(bodies).Concat(bodies).Select(body => fixture.Sender.SendAsync(body)));

        Assert.Equal(40, answers.Count(answer => answer.Status == 202));
        Assert.Equal(80, answers.Count(answer => answer.Status == 200));
        Assert.Equal(40, answers.Select(answer => answer.Id).Distinct().Count());
    }

    [Fact]
    public async Task Event_Forged_IsRefusedAndNeverDelivered()
    {
        var body = SysAidEvent.Created(150);
        var forged = fixture.Sender.Sign(SysAidEvent.Created(151));

        var answer = await fixture.Sender.PostAsync(body, (SysAidSender.SignatureHeader, forged));

        Assert.Equal(401, answer.Status);
        Assert.NotNull(answer.Header("WWW-Authenticate"));
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        var good = await fixture.Sender.SendAsync(SysAidEvent.Created(152));
        await ArrivalOf(fixture.Audit, good.Id!);
        Assert.DoesNotContain(fixture.Audit.Arrivals, arrival => arrival.Body.AsSpan().SequenceEqual(body));
    }

    [Fact]
    public async Task Event_SignedWithTheSecretBeingRotatedOut_IsAccepted()
    {
        using var old = new SysAidSender(fixture.Sender.Url, "the secret before");

        Assert.Equal(202, (await old.SendAsync(SysAidEvent.Created(153))).Status);
    }

    [Fact]
    public async Task Event_OnlyTheAuditRouteNames_GoesOnlyThere()
    {
        var answer = await fixture.Sender.SendAsync(SysAidEvent.Updated(148, "priority", "2"));

        var arrival = await ArrivalOf(fixture.Audit, answer.Id!);
        Assert.Equal("sr.updated", arrival.Header("X-HookGateway-Event"));
        var later = await fixture.Sender.SendAsync(SysAidEvent.Created(154));
        await ArrivalOf(fixture.Tickets, later.Id!);
        Assert.DoesNotContain(fixture.Tickets.Arrivals, other => other.WebhookId == answer.Id);
    }

    [Fact]
    public async Task Event_NamedByTwoRoutes_IsDeliveredOnceToADestinationOfBoth()
    {
        var answer = await fixture.Sender.SendAsync(SysAidEvent.Created(155));
        await ArrivalOf(fixture.Audit, answer.Id!);
        var later = await fixture.Sender.SendAsync(SysAidEvent.Created(156));
        await ArrivalOf(fixture.Audit, later.Id!);

        Assert.Single(fixture.Audit.Arrivals, arrival => arrival.WebhookId == answer.Id);
    }

    [Fact]
    public async Task Event_NamedByNoRoute_IsAccepted()
    {
        var body = Encoding.UTF8.GetBytes("""{"id":"unrouted-1","eventName":"ci.created"}""");

        Assert.Equal(202, (await fixture.Sender.SendAsync(body)).Status);
        Assert.Equal(200, (await fixture.Sender.SendAsync(body)).Status);
    }

    [Fact]
    public async Task Event_BodyWithEveryKindOfText_ArrivesByteForByte()
    {
        var body = Encoding.UTF8.GetBytes("\uFEFF { \"id\":\"odd-1\" ,\r\n\t\"eventName\" : \"sr.updated\", \"x\": \"\\u0000 ü 漢 \U0001F600\", \"n\": 1.0e+2 } \n\n");

        var answer = await fixture.Sender.SendAsync(body, ("Content-Type", "Application/JSON; charset=\"UTF-8\""));

        Assert.Equal(202, answer.Status);
        var arrival = await ArrivalOf(fixture.Audit, answer.Id!);
        Assert.Equal(body, arrival.Body);
        Assert.Equal("Application/JSON; charset=\"UTF-8\"", arrival.Header("Content-Type"));
    }

    [Fact]
    public async Task Destination_Answers503Twice_GetsTheEventAtTheThirdAttemptUnderTheSameId()
    {
        var marked = SysAidEvent.NewId();
        fixture.Tickets.AnswerWith(arrival =>
            arrival.Header("X-HookGateway-Source-Id") == marked && arrival.Attempt < 3 ? Answer.Status(503) : Answer.Ok);

        var answer = await fixture.Sender.SendAsync(SysAidEvent.Created(157, marked));

        var arrivals = await fixture.Tickets.WaitForAsync(all => all.Count(arrival => arrival.WebhookId == answer.Id) >= 3);
        var own = arrivals.Where(arrival => arrival.WebhookId == answer.Id).ToArray();
        Assert.Equal(["1", "2", "3"], own.Select(arrival => arrival.Header("X-HookGateway-Attempt")));
        Assert.All(own, arrival => Assert.Equal(own[0].Body, arrival.Body));

        // The other destination had it once, and did not wait.
        Assert.Single(fixture.Audit.Arrivals, arrival => arrival.WebhookId == answer.Id);
    }

    [Fact]
    public async Task Destination_AsksToRetryAfter_IsLeftAloneUntilThen()
    {
        var marked = SysAidEvent.NewId();
        fixture.Tickets.AnswerWith(arrival => arrival.Header("X-HookGateway-Source-Id") == marked && arrival.Attempt < 2
            ? Answer.RetryAfter(429, "2")
            : Answer.Ok);

        var answer = await fixture.Sender.SendAsync(SysAidEvent.Created(158, marked));

        var arrivals = await fixture.Tickets.WaitForAsync(all => all.Count(arrival => arrival.WebhookId == answer.Id) >= 2);
        var own = arrivals.Where(arrival => arrival.WebhookId == answer.Id).ToArray();
        Assert.True(own[1].At - own[0].At >= TimeSpan.FromSeconds(1.9), $"retried after {own[1].At - own[0].At}");
    }

    [Fact]
    public async Task Destination_Resets_IsTriedAgain()
    {
        var marked = SysAidEvent.NewId();
        fixture.Tickets.AnswerWith(arrival => arrival.Header("X-HookGateway-Source-Id") != marked ? Answer.Ok : arrival.Attempt switch
        {
            1 => Answer.Reset,
            2 => Answer.Garbage,
            _ => Answer.Ok,
        });

        var answer = await fixture.Sender.SendAsync(SysAidEvent.Created(159, marked));

        await fixture.Tickets.WaitForAsync(all => all.Count(arrival => arrival.WebhookId == answer.Id) >= 3);
        await Wait.UntilAsync(() => fixture.Gateway.Output.Contains("Reset", StringComparison.Ordinal), "the reset in the log");
        Assert.DoesNotContain("in-the-url", fixture.Gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(SysAidGateway.Secret, fixture.Gateway.Output, StringComparison.Ordinal);
    }

    private static string IdOf(byte[] body) => System.Text.Json.JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()!;

    private static async Task<Arrival> ArrivalOf(Receiver receiver, string id) =>
        (await receiver.WaitForAsync(all => all.Any(arrival => arrival.WebhookId == id))).First(arrival => arrival.WebhookId == id);
}

using System.Text.Json;
using HookGateway.Host.Demo;
using HookGateway.Host.Sending;
using Xunit;

namespace HookGateway.UnitTests.Host.Demo;

/// <summary>The demo's verdict has to see each way in which a gateway can fail.</summary>
public sealed class DemoLedgerTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Body = Changes("sr.created", ("title", "a", 1));
    private static readonly DemoEvent First = new("first", Body, Expected.Accepted);
    private static readonly DemoEvent Again = new("again", Body, Expected.Duplicate);
    private static readonly DemoEvent Forged = new("forged", [9], Expected.Refused);

    private readonly DemoLedger _ledger = new(Quiet);

    [Fact]
    public void Verdict_WhenEverythingArrivedAsItShould_HasNoFaults()
    {
        Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 503);
        _ledger.Arrived("a", [.. Body], 200);
        Answered(Again, Answer(200, "a", "duplicate"));
        Answered(Forged, Answer(401, null, null));

        var verdict = _ledger.Judge(everythingIsDue: true);

        Assert.Empty(verdict.Faults);
        Assert.Equal((1, 1, 1, 1, 1), (verdict.Accepted, verdict.Delivered, verdict.FailedAttempts, verdict.Duplicates, verdict.Refused));
    }

    [Fact]
    public void Verdict_WhenAnAcceptedEventIsMissing_SaysSoOnlyOnceItIsDue()
    {
        Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 503);

        Assert.Empty(_ledger.Judge(everythingIsDue: false).Faults);
        Assert.Equal(["a: accepted and not delivered"], _ledger.Judge(everythingIsDue: true).Faults);
    }

    [Fact]
    public void Verdict_EndedEarly_DoesNotPraiseWhatIsStillOnItsWay()
    {
        Answered(First, Answer(202, "a", "accepted"));

        Assert.EndsWith("nothing wrong so far, 1 still on their way", _ledger.Judge(everythingIsDue: false).ToString());
        _ledger.Arrived("a", Body, 200);
        Assert.EndsWith("everything as it should be", _ledger.Judge(everythingIsDue: false).ToString());
    }

    [Fact]
    public void Verdict_WhenNothingWasAccepted_IsNoSuccess() => Assert.NotEmpty(_ledger.Judge(everythingIsDue: true).Faults);

    [Fact]
    public void Verdict_WhenDeliveredTwice_SaysSo()
    {
        Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 200);
        _ledger.Arrived("a", Body, 200);

        Assert.Equal(["a: delivered 2 times"], _ledger.Judge(everythingIsDue: true).Faults);
    }

    [Fact]
    public void Verdict_WhenAnyAttemptHadAnotherBody_SaysSo()
    {
        Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Changes("sr.created"), 503);
        _ledger.Arrived("a", Body, 200);

        Assert.Equal(["a: arrived with another body than was sent"], _ledger.Judge(everythingIsDue: true).Faults);
    }

    [Theory]
    [InlineData("b")]
    [InlineData(null)]
    public void Verdict_WhenSomethingArrivedThatWasNotAccepted_SaysSo(string? id)
    {
        Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 200);
        _ledger.Arrived(id, Body, 200);

        Assert.EndsWith("delivered and never accepted", Assert.Single(_ledger.Judge(everythingIsDue: true).Faults));
    }

    [Theory]
    [InlineData(202, "a", "accepted")]
    [InlineData(200, "b", "duplicate")]
    [InlineData(503, null, null)]
    public void Verdict_WhenADuplicateIsNotAnsweredAsTheFirst_SaysSo(int status, string? id, string? result)
    {
        Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 200);
        Answered(Again, Answer(status, id, result));

        Assert.StartsWith("again: ", Assert.Single(_ledger.Judge(everythingIsDue: true).Faults));
    }

    [Theory]
    [InlineData(202)]
    [InlineData(400)]
    [InlineData(null)]
    public void Verdict_WhenAForgedOneIsNotRefused_SaysSo(int? status)
    {
        Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 200);
        Answered(Forged, Answer(status, null, null));

        Assert.StartsWith("forged: ", Assert.Single(_ledger.Judge(everythingIsDue: true).Faults));
    }

    [Fact]
    public void Verdict_WhenTwoEventsGetOneId_SaysSo()
    {
        Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 200);
        Answered(First with { Text = "second" }, Answer(202, "a", "accepted"));

        Assert.StartsWith("second: ", Assert.Single(_ledger.Judge(everythingIsDue: true).Faults));
    }

    [Fact]
    public void Verdict_SessionBecameOneMessageWithAllLastValues_HasNoFaults()
    {
        Session(("title", "a", 1), ("title", "b", 2), ("status", "2", 3));
        _ledger.Lost();
        _ledger.Arrived("m", Changes("sr.updated", ("title", "b", 2), ("status", "2", 3)), 503);
        _ledger.Arrived("m", Changes("sr.updated", ("title", "b", 2), ("status", "2", 3)), 200);

        var verdict = _ledger.Judge(everythingIsDue: true);

        Assert.Empty(verdict.Faults);
        Assert.Equal((1, 3, 1, 1, 0), (verdict.Sessions, verdict.Webhooks, verdict.Messages, verdict.Lost, verdict.Accepted));
        Assert.StartsWith("edit sessions    1, of 3 webhooks (0 late; 1 more lost on the way): 1 messages\n", verdict.ToString());
    }

    [Fact]
    public void Verdict_SessionHasNotArrived_SaysSoOnlyOnceItIsDue()
    {
        Session(("title", "a", 1));

        Assert.EndsWith("nothing wrong so far, 1 still on their way", _ledger.Judge(everythingIsDue: false).ToString());
        Assert.Equal(["s: title is 'a', which did not arrive"], _ledger.Judge(everythingIsDue: true).Faults);
    }

    [Fact]
    public void Verdict_SessionsMessageLacksALastValue_SaysSo()
    {
        Session(("title", "a", 1), ("status", "2", 3));
        _ledger.Arrived("m", Changes("sr.updated", ("title", "a", 1)), 200);

        Assert.Equal(["s: status is '2', which did not arrive"], _ledger.Judge(everythingIsDue: true).Faults);
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(1.5, 0)]
    public void Verdict_SessionBecameSeveralMessages_IsAFaultWhereItsWebhooksCameCloseEnough(double apart, int faults)
    {
        Session(TimeSpan.FromSeconds(apart), ("title", "a", 1), ("status", "2", 3));
        _ledger.Arrived("m", Changes("sr.updated", ("title", "a", 1)), 200);
        _ledger.Arrived("n", Changes("sr.updated", ("status", "2", 3)), 200);

        Assert.Equal(faults, _ledger.Judge(everythingIsDue: true).Faults.Count(fault => fault == "s: became 2 messages"));
    }

    [Fact]
    public void Verdict_SessionsValueWentBack_SaysSo()
    {
        Session(TimeSpan.FromSeconds(5), ("title", "a", 1), ("title", "b", 2));
        _ledger.Arrived("m", Changes("sr.updated", ("title", "b", 2)), 200);
        _ledger.Arrived("n", Changes("sr.updated", ("title", "a", 1)), 200);

        Assert.Contains("s: title went back to 'a'", _ledger.Judge(everythingIsDue: true).Faults);
    }

    private static SendAnswer Answer(int? status, string? id, string? result) => new(status, id, result, 1, null);

    private void Answered(DemoEvent sent, SendAnswer answer) => _ledger.Answered(sent, answer, Start, Start);

    private void Session(params (string Field, string Value, long Time)[] changes) => Session(TimeSpan.FromMilliseconds(100), changes);

    /// <summary>A session's webhooks are accepted, one a change, each answered so long after it was posted, when the next one is.</summary>
    private void Session(TimeSpan apart, params (string Field, string Value, long Time)[] changes)
    {
        for (var i = 0; i < changes.Length; i++)
        {
            var sent = new DemoEvent("changed", Changes("sr.updated", changes[i]), Expected.Accepted, "s");
            _ledger.Answered(sent, Answer(202, $"s{i}", "accepted"), Start + (i * apart), Start + ((i + 1) * apart));
        }
    }

    private static byte[] Changes(string name, params (string Field, string Value, long Time)[] changes) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        eventName = name,
        srId = 7,
        updates = changes.Select(change => new { fieldName = change.Field, currentValue = change.Value, timestamp = change.Time }),
    });
}

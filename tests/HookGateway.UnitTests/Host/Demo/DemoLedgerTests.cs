using HookGateway.Host.Demo;
using HookGateway.Host.Sending;
using Xunit;

namespace HookGateway.UnitTests.Host.Demo;

/// <summary>The demo's verdict has to see each way in which a gateway can fail.</summary>
public sealed class DemoLedgerTests
{
    private static readonly byte[] Body = [1, 2, 3];
    private static readonly DemoEvent First = new("first", Body, Expected.Accepted);
    private static readonly DemoEvent Again = new("again", Body, Expected.Duplicate);
    private static readonly DemoEvent Forged = new("forged", [9], Expected.Refused);

    private readonly DemoLedger _ledger = new();

    [Fact]
    public void Verdict_WhenEverythingArrivedAsItShould_HasNoFaults()
    {
        _ledger.Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 503);
        _ledger.Arrived("a", [1, 2, 3], 200);
        _ledger.Answered(Again, Answer(200, "a", "duplicate"));
        _ledger.Answered(Forged, Answer(401, null, null));

        var verdict = _ledger.Judge(everythingIsDue: true);

        Assert.Empty(verdict.Faults);
        Assert.Equal((1, 1, 1, 1, 1), (verdict.Accepted, verdict.Delivered, verdict.FailedAttempts, verdict.Duplicates, verdict.Refused));
    }

    [Fact]
    public void Verdict_WhenAnAcceptedEventIsMissing_SaysSoOnlyOnceItIsDue()
    {
        _ledger.Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 503);

        Assert.Empty(_ledger.Judge(everythingIsDue: false).Faults);
        Assert.Equal(["a: accepted and not delivered"], _ledger.Judge(everythingIsDue: true).Faults);
    }

    [Fact]
    public void Verdict_EndedEarly_DoesNotPraiseWhatIsStillOnItsWay()
    {
        _ledger.Answered(First, Answer(202, "a", "accepted"));

        Assert.EndsWith("nothing wrong so far, 1 still on their way", _ledger.Judge(everythingIsDue: false).ToString());
        _ledger.Arrived("a", Body, 200);
        Assert.EndsWith("everything as it should be", _ledger.Judge(everythingIsDue: false).ToString());
    }

    [Fact]
    public void Verdict_WhenNothingWasAccepted_IsNoSuccess() => Assert.NotEmpty(_ledger.Judge(everythingIsDue: true).Faults);

    [Fact]
    public void Verdict_WhenDeliveredTwice_SaysSo()
    {
        _ledger.Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 200);
        _ledger.Arrived("a", Body, 200);

        Assert.Equal(["a: delivered 2 times"], _ledger.Judge(everythingIsDue: true).Faults);
    }

    [Fact]
    public void Verdict_WhenAnyAttemptHadAnotherBody_SaysSo()
    {
        _ledger.Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", [1, 2], 503);
        _ledger.Arrived("a", Body, 200);

        Assert.Equal(["a: arrived with another body than was sent"], _ledger.Judge(everythingIsDue: true).Faults);
    }

    [Theory]
    [InlineData("b")]
    [InlineData(null)]
    public void Verdict_WhenSomethingArrivedThatWasNotAccepted_SaysSo(string? id)
    {
        _ledger.Answered(First, Answer(202, "a", "accepted"));
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
        _ledger.Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 200);
        _ledger.Answered(Again, Answer(status, id, result));

        Assert.StartsWith("again: ", Assert.Single(_ledger.Judge(everythingIsDue: true).Faults));
    }

    [Theory]
    [InlineData(202)]
    [InlineData(400)]
    [InlineData(null)]
    public void Verdict_WhenAForgedOneIsNotRefused_SaysSo(int? status)
    {
        _ledger.Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 200);
        _ledger.Answered(Forged, Answer(status, null, null));

        Assert.StartsWith("forged: ", Assert.Single(_ledger.Judge(everythingIsDue: true).Faults));
    }

    [Fact]
    public void Verdict_WhenTwoEventsGetOneId_SaysSo()
    {
        _ledger.Answered(First, Answer(202, "a", "accepted"));
        _ledger.Arrived("a", Body, 200);
        _ledger.Answered(First with { Text = "second" }, Answer(202, "a", "accepted"));

        Assert.StartsWith("second: ", Assert.Single(_ledger.Judge(everythingIsDue: true).Faults));
    }

    private static SendAnswer Answer(int? status, string? id, string? result) => new(status, id, result, 1, null);
}

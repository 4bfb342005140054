using System.Text;
using HookGateway.Coalesce;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.UnitTests.Verify;
using HookGateway.Verify;
using Xunit;

namespace HookGateway.UnitTests.Coalesce;

public sealed class SourceCoalescingTests
{
    private const string Changes = """ "updates": [{"fieldName": "a", "currentValue": "b", "timestamp": 1}]""";

    [Theory]
    [InlineData("sr.updated", "{" + Changes + "}", false, "Incremental")]
    [InlineData("sr.updated", "{" + Changes + "}", true, "Complete")]
    [InlineData("note.changed", "{" + Changes + "}", false, "Incremental")]
    [InlineData("sr.created", "{" + Changes + "}", true, "Passing")]
    [InlineData("sr.updated", "{}", false, "Passing")]
    [InlineData("sr.updated", "{}", true, "Passing")]
    public void Event_ByItsNameItsBodyAndWhetherItIsComplete_HasAKind(string name, string body, bool isComplete, string kind)
    {
        var coalescing = new SourceCoalescing(new CoalesceConfiguration { Events = ["sr.updated", "note.*"] }, TimeSpan.FromHours(1));
        var received = new WebhookEvent
        {
            Source = "sysaid",
            Name = name,
            ReceivedAt = Coalesce.Changes.Start,
            Body = Encoding.UTF8.GetBytes(body),
            Trace = default,
        };

        Assert.Equal(kind, coalescing.Read(received, isComplete, Coalesce.Changes.Start).Kind.ToString());
    }

    [Fact]
    public void Event_SourceThatReconcilesOnly_IsNotHeldAndItsChangesAreRead()
    {
        var coalescing = new SourceCoalescing(null, TimeSpan.FromHours(1), new ReconcileConfiguration());

        var read = coalescing.Read(Received("{" + Changes + "}"), isComplete: true, Coalesce.Changes.Start);

        Assert.False(coalescing.Holds);
        Assert.Equal((IncomingKind.Passing, "a"), (read.Kind, Assert.Single(read.Changes).Field));
    }

    [Fact]
    public void Rules_ToleranceAndOverlapAreSet_AreThose()
    {
        var reconcile = new ReconcileConfiguration { Tolerance = TimeSpan.FromSeconds(7), Overlap = TimeSpan.FromMinutes(3) };

        var rules = new SourceCoalescing(null, TimeSpan.FromHours(1), reconcile).Rules;

        Assert.Equal((reconcile.Tolerance, reconcile.Overlap, TimeSpan.FromHours(1)), (rules.Tolerance, rules.Ahead, rules.Window));
        Assert.False(rules.Compares);
        Assert.True(new SourceCoalescing(
            null, TimeSpan.FromHours(1), reconcile with { Compare = [KeyValuePair.Create("title", "title")] }).Rules.Compares);
    }

    [Theory]
    [InlineData(-62, true)]
    [InlineData(-61.999, false)]
    [InlineData(0, false)]
    public void MayBeLate_ChangesAreOlderThanGraceAndTolerance_IsSo(double seconds, bool expected)
    {
        var reconcile = new ReconcileConfiguration { Grace = TimeSpan.FromMinutes(1), Tolerance = TimeSpan.FromSeconds(2) };
        var newest = Coalesce.Changes.Start.AddSeconds(seconds).ToUnixTimeMilliseconds();
        var body = $$"""{"updates": [{"fieldName": "a", "timestamp": {{newest}}}, {"fieldName": "b", "timestamp": 1}]}""";

        Assert.Equal(expected, new SourceCoalescing(null, TimeSpan.FromHours(1), reconcile).MayBeLate(Received(body)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no JSON")]
    [InlineData("""{"updates": []}""")]
    [InlineData("""{"updates": [{"fieldName": "a", "timestamp": 1}, {"fieldName": "b"}]}""")]
    public void MayBeLate_TimesCannotBeRead_IsNot(string body) =>
        Assert.False(new SourceCoalescing(null, TimeSpan.FromHours(1), new ReconcileConfiguration()).MayBeLate(Received(body)));

    private static WebhookEvent Received(string body) => new()
    {
        Source = "sysaid",
        Name = "sr.updated",
        ReceivedAt = Coalesce.Changes.Start,
        Body = Encoding.UTF8.GetBytes(body),
        Trace = default,
    };

    [Theory]
    [InlineData("version", "{}", false)]
    [InlineData("version", """{"version": null}""", false)]
    [InlineData("version", """{"version": ""}""", false)]
    [InlineData("version", """{"version": 0}""", true)]
    [InlineData("version", """{"version": "7"}""", true)]
    [InlineData("version", """{"version": {"n": 1}}""", true)]
    [InlineData("a || version", "{}", false)]
    [InlineData("a || version", """{"version": null}""", false)]
    [InlineData("a || version", """{"version": 7}""", true)]
    public void Complete_GivesSomething_IsRead(string expression, string body, bool expected)
    {
        var reader = new EventReader(new SourceConfiguration
        {
            Name = "crm",
            Path = "/",
            Verify = new VerifyConfiguration.None(),
            Event = "'changed'",
            Coalesce = new CoalesceConfiguration { Events = ["changed"], Complete = expression },
        });

        Assert.Equal(expected, Assert.IsType<IdentifyResult.Identified>(reader.Identify(Requests.Request(body))).IsComplete);
    }
}

using HookGateway.Coalesce;
using Xunit;
using static HookGateway.UnitTests.Coalesce.Changes;

namespace HookGateway.UnitTests.Coalesce;

public sealed class MergeTests
{
    private KeyState _state = KeyState.Empty;

    [Fact]
    public void Incremental_First_IsHeldUntilQuietAfterIt()
    {
        var plan = Take(Incremental("status@10"));

        Assert.Equal(new EventPlan.IsHeld(1), plan.Event);
        Assert.Null(plan.Release);
        Assert.Equal(Start + Rules.Quiet, Rules.ReleaseAt(_state));
        Assert.Equal([1], _state.Refers);
    }

    [Fact]
    public void ReleaseAt_ChangesKeepComing_IsMaxAfterTheFirst()
    {
        for (var second = 0; second < 600; second += 60)
            Take(Incremental($"status@{second}", second));

        Assert.Equal(Start + Rules.Max, Rules.ReleaseAt(_state));
    }

    [Fact]
    public void ReleaseAll_OneEvent_GoesOutUntouched()
    {
        Take(Incremental("status@10"));

        Assert.Equal(new ReleasePlan.Untouched(1), ReleaseAll());
        Assert.Empty(_state.Held);
        Assert.Null(Rules.ReleaseAt(_state));
        Assert.Equal([1], _state.Refers);
    }

    [Fact]
    public void ReleaseAll_Several_JoinsThemFieldByField()
    {
        Take(Incremental("status@10 title@10"));
        Take(Incremental("status@30"));
        Take(Incremental("priority@20 status@15"));

        var merged = Assert.IsType<ReleasePlan.Merged>(ReleaseAll());

        Assert.Equal("title@10 priority@20 status@30", Text(merged.Changes));
        Assert.Equal([1, 2, 3], merged.TakesIn.Select(held => held.Number));

        // The newest, and not the last that came.
        Assert.Equal((4, 2, "updates"), (merged.Number, merged.Base!.Number, merged.List));
    }

    [Fact]
    public void Incremental_DatedAlike_TheLaterToComeWins()
    {
        Take(Incremental("status@10=a"));
        Take(Incremental("status@10=b"));

        Assert.Equal("status@10=b", Text(Assert.IsType<ReleasePlan.Merged>(ReleaseAll()).Changes));
    }

    [Fact]
    public void Complete_NothingHeld_PassesUntouched()
    {
        var plan = Take(Complete("status@10 status@20"));

        // What it lists twice is nobody's concern as long as nothing is put in its place.
        Assert.Equal((new EventPlan.Passes(1), null), (plan.Event, plan.Release));
        Assert.Equal([1], _state.Refers);
    }

    [Fact]
    public void Complete_WithHeld_GoesOutAtOnceWithWhatItDoesNotName()
    {
        Take(Incremental("status@10=old"));
        Take(Incremental("title@11"));
        var plan = Take(Complete("status@10=new priority@20"));

        var merged = Assert.IsType<ReleasePlan.Merged>(plan.Release);
        Assert.Equal(new EventPlan.IsSuperseded(3), plan.Event);
        Assert.Equal("status@10=new title@11 priority@20", Text(merged.Changes));
        Assert.Equal([1, 2], merged.TakesIn.Select(held => held.Number));
        Assert.Null(merged.Base);
        Assert.Empty(_state.Held);
    }

    [Fact]
    public void Complete_HeldIsNewer_StaysHeld()
    {
        Take(Incremental("status@10", second: 0));
        Take(Incremental("priority@90", second: 30));
        var plan = Take(Complete("status@10 title@20", second: 40));

        var merged = Assert.IsType<ReleasePlan.Merged>(plan.Release);
        Assert.Equal("status@10 title@20", Text(merged.Changes));
        Assert.Equal([1], merged.TakesIn.Select(held => held.Number));
        Assert.Equal("priority@90", Text(_state.Fields.Values));
        Assert.Equal(Start.AddSeconds(30) + Rules.Quiet, Rules.ReleaseAt(_state));
    }

    [Fact]
    public void Complete_HeldOfAFieldItNamesIsNewer_BothGoOutInTurn()
    {
        Take(Incremental("status@15"));
        var plan = Take(Complete("status@10 title@20"));

        Assert.Equal(new EventPlan.Passes(2), plan.Event);
        Assert.Null(plan.Release);
        Assert.Equal("status@15", Text(_state.Fields.Values));
    }

    [Fact]
    public void Complete_PartOfAHeldEventIsNewer_TakesOnlyTheOtherPart()
    {
        Take(Incremental("status@10 priority@90"));
        var plan = Take(Complete("title@20"));

        var merged = Assert.IsType<ReleasePlan.Merged>(plan.Release);
        Assert.Equal("status@10 title@20", Text(merged.Changes));
        Assert.Empty(merged.TakesIn);
        var rest = Assert.IsType<ReleasePlan.Merged>(ReleaseAll());
        Assert.Equal("priority@90", Text(rest.Changes));
        Assert.Equal(("updates", 1), (rest.List, Assert.Single(rest.TakesIn).Number));
    }

    [Fact]
    public void ReleaseAll_WholeEventThatWasOvertaken_IsANewOneWithTheSameBody()
    {
        Take(Incremental("priority@90"));
        Take(Complete("title@20"));

        var merged = Assert.IsType<ReleasePlan.Merged>(ReleaseAll());

        Assert.Null(merged.List);
        Assert.Equal(1, merged.Base!.Number);
    }

    [Fact]
    public void Complete_WithoutChanges_TakesEverythingOut()
    {
        Take(Incremental("status@10"));
        var plan = Take(Complete(""));

        Assert.Equal("status@10", Text(Assert.IsType<ReleasePlan.Merged>(plan.Release).Changes));
        Assert.Empty(_state.Held);
    }

    [Fact]
    public void Passing_SomethingHeld_ReleasesItFirst()
    {
        Take(Incremental("status@10"));
        Take(Incremental("title@11"));
        var plan = Take(Passing());

        Assert.Equal(new EventPlan.Passes(null), plan.Event);
        Assert.Equal("status@10 title@11", Text(Assert.IsType<ReleasePlan.Merged>(plan.Release).Changes));
    }

    [Fact]
    public void Passing_NothingHeld_ChangesNothing() =>
        Assert.Equal(new MergePlan(null, new EventPlan.Passes(null), null), Take(Passing()));

    [Fact]
    public void Incremental_WithoutChanges_PassesAndReleasesFirst()
    {
        Take(Incremental("status@10"));
        var plan = Take(Incremental(""));

        Assert.Equal(new EventPlan.Passes(null), plan.Event);
        Assert.Equal(new ReleasePlan.Untouched(1), plan.Release);
    }

    [Theory]
    [InlineData("status@10")]
    [InlineData("status@9")]
    [InlineData("status@9 title@11")]
    public void Event_NewerHasGoneOut_IsSupersededByIt(string changes)
    {
        Take(Complete("status@10"));
        Take(Complete("title@11"));
        var number = changes.Contains("title", StringComparison.Ordinal) ? 2 : 1;

        foreach (var late in new[] { Incremental(changes), Complete(changes) })
            Assert.Equal(new MergePlan(null, new EventPlan.IsSuperseded(number), null), Take(late));
    }

    [Fact]
    public void Event_AnotherValueOfTheSameTimeHasGoneOut_GoesOutToo()
    {
        Take(Complete("status@10=a"));

        Assert.IsType<EventPlan.IsHeld>(Take(Incremental("status@10=b")).Event);
        Assert.IsType<ReleasePlan.Untouched>(ReleaseAll());
        Assert.IsType<EventPlan.IsSuperseded>(Take(Incremental("status@10=b")).Event);
    }

    [Fact]
    public void Incremental_PartlyStale_GoesOutWithoutThatPart()
    {
        Take(Complete("status@10"));
        Take(Incremental("status@9 title@11"));

        var merged = Assert.IsType<ReleasePlan.Merged>(ReleaseAll());

        Assert.Equal("title@11", Text(merged.Changes));
        Assert.Equal(("updates", 2), (merged.List, Assert.Single(merged.TakesIn).Number));
    }

    [Fact]
    public void Complete_PartlyStale_GoesOutWithoutThatPart()
    {
        Take(Complete("status@10"));
        var plan = Take(Complete("status@9 title@11"));

        var merged = Assert.IsType<ReleasePlan.Merged>(plan.Release);
        Assert.Equal("title@11", Text(merged.Changes));
        Assert.Equal(new EventPlan.IsSuperseded(merged.Number), plan.Event);
    }

    [Fact]
    public void Complete_OfASessionThatWentOutAlready_LeavesTheNextOneHeld()
    {
        Take(Incremental("status@10"));
        ReleaseAll();
        Take(Incremental("status@90"));

        Assert.Equal(new MergePlan(null, new EventPlan.IsSuperseded(1), null), Take(Complete("status@10")));
        Assert.Equal("status@90", Text(_state.Fields.Values));
    }

    [Fact]
    public void Released_WindowHasPassed_DoesNotCountAnyMore()
    {
        Take(Complete("status@10", second: 0));
        var late = (int)Rules.Window.TotalSeconds;

        Assert.IsType<EventPlan.IsSuperseded>(Take(Incremental("status@9", late - 1)).Event);
        Assert.IsType<EventPlan.IsHeld>(Take(Incremental("status@9", late)).Event);
    }

    [Theory]
    [InlineData(1, 200, 100_000)]
    [InlineData(200, 1, 100_000)]
    [InlineData(200, 200, 10)]
    public void Incremental_MoreThanMayBeHeld_EverythingGoesOutAtOnce(int fields, int events, int characters)
    {
        var rules = Rules with { MostFields = fields, MostEvents = events, MostCharacters = characters };
        Take(Incremental("status@10"), rules);
        var plan = Take(Incremental("title@11"), rules);

        var merged = Assert.IsType<ReleasePlan.Merged>(plan.Release);
        Assert.Equal("status@10 title@11", Text(merged.Changes));
        Assert.Equal(new EventPlan.IsSuperseded(2), plan.Event);
        Assert.Empty(_state.Held);
    }

    [Fact]
    public void Incremental_AloneMoreThanMayBeHeld_PassesUntouched()
    {
        var plan = Take(Incremental("status@10 title@11"), Rules with { MostFields = 1 });

        Assert.Equal((new EventPlan.Passes(1), null), (plan.Event, plan.Release));
    }

    [Fact]
    public void Released_MoreFieldsThanAreKept_ForgetsThoseChangedLongestAgo()
    {
        Take(Complete("a@10 b@20 c@30"), Rules with { MostReleased = 2 });

        Assert.Equal(["b", "c"], _state.Released.Keys.Order());
    }

    [Fact]
    public void State_WrittenAndRead_IsTheSame()
    {
        Take(Incremental("status@10=ä\"\\ud800"));
        Take(Complete("title@5"));

        var read = KeyStateJson.Read(KeyStateJson.Write(_state));

        Assert.Equal(_state.Held.Select(held => held with { Fields = [] }), read.Held.Select(held => held with { Fields = [] }));
        Assert.Equal(_state.Held[0].Fields, read.Held[0].Fields);
        Assert.Equal(_state.Fields, read.Fields);
        Assert.Equal(_state.Released, read.Released);
        Assert.Equal(_state.LastNumber, read.LastNumber);
    }

    private MergePlan Take(Incoming incoming, MergeRules? rules = null)
    {
        var plan = Merge.Take(_state, incoming, rules ?? Rules);
        _state = plan.State ?? _state;
        return plan;
    }

    private ReleasePlan ReleaseAll()
    {
        var plan = Merge.ReleaseAll(_state, Start, Rules)!;
        _state = plan.State!;
        return plan.Release!;
    }
}

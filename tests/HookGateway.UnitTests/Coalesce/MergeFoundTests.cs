using HookGateway.Coalesce;
using Xunit;
using static HookGateway.UnitTests.Coalesce.Changes;

namespace HookGateway.UnitTests.Coalesce;

/// <summary>A record is found in the sender's API: what is held of it, and what comes after, against what was found.</summary>
public sealed class MergeFoundTests
{
    // Times are ticks here: a record found at 100 has all changes until 98.
    private static readonly MergeRules Rules = Changes.Rules with { Tolerance = TimeSpan.FromTicks(2), Ahead = TimeSpan.FromMinutes(10) };

    private KeyState _state = KeyState.Empty;

    [Fact]
    public void Found_NothingKnown_PassesAndIsKnown()
    {
        var plan = Find(100);

        Assert.Equal((new EventPlan.Passes(1), null), (plan.Event, plan.Release));
        Assert.Equal([1], _state.Refers);
        Assert.Null(Rules.ReleaseAt(_state));
    }

    [Fact]
    public void Found_HeldIsOlder_GoesOutBeforeIt()
    {
        Take(Incremental("status@98"));

        var plan = Find(100);

        Assert.Equal((new EventPlan.Passes(2), new ReleasePlan.Untouched(1)), (plan.Event, plan.Release));
        Assert.Empty(_state.Held);
        Assert.Equal([1, 2], _state.Refers.Order());
    }

    [Fact]
    public void Found_SeveralHeldAreOlder_GoOutAsOneBeforeIt()
    {
        Take(Incremental("status@10"));
        Take(Incremental("title@11"));

        var plan = Find(100);

        var merged = Assert.IsType<ReleasePlan.Merged>(plan.Release);
        Assert.Equal("status@10 title@11", Text(merged.Changes));
        Assert.Equal((3, new EventPlan.Passes(4)), (merged.Number, plan.Event));
        Assert.Equal([1, 2], merged.TakesIn.Select(held => held.Number));
    }

    [Fact]
    public void Found_HeldIsNewer_StaysAndGoesOutAsANewEvent()
    {
        Take(Incremental("status@99"));

        var plan = Find(100);

        Assert.Equal((new EventPlan.Passes(2), null), (plan.Event, plan.Release));
        Assert.Equal(Start + Rules.Quiet, Rules.ReleaseAt(_state));
        var merged = Assert.IsType<ReleasePlan.Merged>(Merge.ReleaseAll(_state, Start, Rules)!.Release);
        Assert.Null(merged.List);
        Assert.Equal((3, 1), (merged.Number, merged.Base!.Number));
    }

    [Fact]
    public void Found_OneHeldIsOlderAndOneNewer_OnlyTheOlderGoesOut()
    {
        Take(Incremental("title@120"));
        Take(Incremental("status@10"));

        var plan = Find(100);

        Assert.Equal(new ReleasePlan.Untouched(2), plan.Release);
        Assert.Equal(new EventPlan.Passes(3), plan.Event);
        Assert.Equal("title@120", Text(_state.Fields.Values));
        Assert.True(Assert.Single(_state.Held).IsOvertaken);
    }

    [Fact]
    public void Found_PartOfAHeldEventIsOlder_OnlyThatGoesOut()
    {
        Take(Incremental("status@10 title@120"));

        var merged = Assert.IsType<ReleasePlan.Merged>(Find(100).Release);

        Assert.Equal("status@10", Text(merged.Changes));
        Assert.Equal(("updates", 1), (merged.List, merged.Base!.Number));
        Assert.Empty(merged.TakesIn);
        Assert.Equal("title@120", Text(_state.Fields.Values));
        var rest = Assert.IsType<ReleasePlan.Merged>(Merge.ReleaseAll(_state, Start, Rules)!.Release);
        Assert.Equal("title@120", Text(rest.Changes));
        Assert.Equal([1], rest.TakesIn.Select(held => held.Number));
    }

    [Theory]
    [InlineData("status@97", false)]
    [InlineData("status@98", true)]
    [InlineData("status@500", true)]
    public void Found_ItsChangeOrALaterOneWentOutMeanwhile_IsSupersededByThat(string changes, bool isSuperseded)
    {
        Take(Complete(changes));
        Take(Complete("title@5"));
        var before = _state;

        var plan = Find(100);

        Assert.Equal(isSuperseded ? new EventPlan.IsSuperseded(1) : new EventPlan.Passes(3), plan.Event);
        Assert.Equal(isSuperseded, plan.State is null);
        Assert.Equal(isSuperseded, _state == before);
    }

    [Theory]
    [InlineData("status@100", false)]
    [InlineData("status@102", false)]
    [InlineData("status@103", true)]
    public void Found_ItCanHaveMoreThanItsChange_IsSupersededByALaterOneOnly(string changes, bool isSuperseded)
    {
        Take(Complete(changes));

        var plan = Merge.TakeFound(_state, 100, ["d"], Start, Rules with { Compares = true });

        Assert.Equal(isSuperseded ? new EventPlan.IsSuperseded(1) : new EventPlan.Passes(2), plan.Event);
    }

    [Fact]
    public void Found_WhatWentOutIsDatedFarAhead_CountsNoLongerThanThat()
    {
        var ahead = Rules with { Ahead = TimeSpan.FromTicks(-Start.UtcTicks + 97) };
        Take(Complete("status@500"));
        Assert.Equal(new EventPlan.Passes(2), Merge.TakeFound(_state, 100, ["d"], Start, ahead).Event);

        Assert.Equal(
            new EventPlan.IsSuperseded(1), Merge.TakeFound(_state, 100, ["d"], Start, ahead with { Ahead = ahead.Ahead + TimeSpan.FromTicks(1) }).Event);
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public void Found_Again_GoesOutWhereItIsLater(long time, bool goes)
    {
        Find(100);

        Assert.Equal(goes ? new EventPlan.Passes(2) : new EventPlan.IsSuperseded(1), Find(time).Event);
        Assert.Equal(goes ? 101 : 100, _state.Found!.Time);
    }

    [Fact]
    public void Found_WhatWentOutIsOfBeforeTheWindow_DoesNotCountAnyMore()
    {
        Take(Complete("status@500"));

        Assert.Equal(new EventPlan.IsSuperseded(1), Merge.TakeFound(_state, 100, ["d"], Start + Rules.Window - TimeSpan.FromTicks(1), Rules).Event);
        Assert.Equal(new EventPlan.Passes(2), Merge.TakeFound(_state, 100, ["d"], Start + Rules.Window, Rules).Event);
    }

    [Theory]
    [InlineData("status@98", true)]
    [InlineData("status@98 title@3", true)]
    [InlineData("status@99", false)]
    [InlineData("status@98 title@99", false)]
    public void Event_NotAfterWhatWasFound_IsSupersededByIt(string changes, bool isSuperseded)
    {
        Find(100);

        foreach (var late in new[] { Incremental(changes), Complete(changes), Incremental(changes) with { Kind = IncomingKind.Passing } })
        {
            var plan = Merge.Take(_state, late, Rules);
            if (isSuperseded)
                Assert.Equal(new MergePlan(null, new EventPlan.IsSuperseded(1), null), plan);
            else
                Assert.False(plan is { Event: EventPlan.IsSuperseded, Release: null }, $"{late.Kind}");
        }
    }

    [Fact]
    public void Event_WithoutChanges_GoesItsWay()
    {
        Find(100);

        Assert.Equal(new EventPlan.Passes(null), Take(Passing()).Event);
        Assert.IsType<EventPlan.Passes>(Take(Complete("")).Event);
    }

    [Fact]
    public void Passing_NotAfterWhatWasFound_ReleasesNothing()
    {
        Find(100);
        Take(Incremental("status@120"));

        Assert.Null(Take(Incremental("title@3") with { Kind = IncomingKind.Passing }).Release);
    }

    [Fact]
    public void Incremental_PartlyNotAfterWhatWasFound_LosesThatPart()
    {
        Find(100);
        Take(Incremental("status@98 title@99"));

        Assert.Equal("title@99", Text(Assert.IsType<ReleasePlan.Merged>(Merge.ReleaseAll(_state, Start, Rules)!.Release).Changes));
    }

    [Fact]
    public void Complete_PartlyNotAfterWhatWasFound_LosesThatPart()
    {
        Find(100);

        Assert.Equal("title@99", Text(Assert.IsType<ReleasePlan.Merged>(Take(Complete("status@98 title@99")).Release).Changes));
        Assert.Equal(100, _state.Found!.Time);
    }

    [Fact]
    public void Event_StaleByWhatWasFoundAndByWhatWentOut_IsSupersededByTheLatter()
    {
        Find(100);
        Take(Complete("title@120"));

        Assert.Equal(new EventPlan.IsSuperseded(2), Take(Incremental("status@98 title@119")).Event);
    }

    [Fact]
    public void Event_GoesFurtherThanWhatWasFound_GoesItsWay()
    {
        Find(100);
        var further = Incremental("status@98") with { GoesFurther = true };

        Assert.IsType<EventPlan.Passes>(Merge.Take(_state, further with { Kind = IncomingKind.Complete }, Rules).Event);
        Assert.IsType<EventPlan.IsHeld>(Take(further).Event);

        // And what was found still stands.
        Assert.Equal(new EventPlan.IsSuperseded(1), Take(Incremental("title@98")).Event);
    }

    [Fact]
    public void Found_WindowHasPassed_DoesNotCountAnyMore()
    {
        Find(100);
        var late = (int)Rules.Window.TotalSeconds;

        Assert.IsType<EventPlan.IsSuperseded>(Take(Incremental("status@9", late - 1)).Event);
        Assert.IsType<EventPlan.IsHeld>(Take(Incremental("status@9", late)).Event);
    }

    [Fact]
    public void State_WrittenAndRead_IsTheSame()
    {
        Find(100);

        var read = KeyStateJson.Read(KeyStateJson.Write(_state)).Found!;

        Assert.Equal(_state.Found! with { Destinations = [] }, read with { Destinations = [] });
        Assert.Equal(["d"], read.Destinations);
    }

    [Fact]
    public void State_OfAVersionThatFoundNothing_IsRead() =>
        Assert.Null(KeyStateJson.Read("""{"held":[],"fields":{},"released":{},"lastNumber":3}"""u8).Found);

    private MergePlan Find(long time)
    {
        var plan = Merge.TakeFound(_state, time, ["d"], Start, Rules);
        _state = plan.State ?? _state;
        return plan;
    }

    private MergePlan Take(Incoming incoming)
    {
        var plan = Merge.Take(_state, incoming, Rules);
        _state = plan.State ?? _state;
        return plan;
    }
}

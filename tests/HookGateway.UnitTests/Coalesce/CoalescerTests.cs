using System.Text;
using HookGateway.Coalesce;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace HookGateway.UnitTests.Coalesce;

/// <summary>What is written where the store fails, or another gateway was first.</summary>
public sealed class CoalescerTests : IAsyncDisposable
{
    private readonly CoalescedKeys _keys = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _keys.DisposeAsync();

    [Fact]
    public async Task Event_Held_IsDueQuietLaterAndTheKeyIsKnownForTheWindow()
    {
        Assert.IsType<IngestResult.Accepted>(await _keys.TakeAsync("7", "title", 1));

        var step = Assert.Single(_keys.Steps);
        Assert.Equal(("crm", "7", 0L), (step.Source, step.Key, step.Version));
        Assert.Equal(_keys.Time.GetUtcNow().AddMinutes(2), step.State!.ReleaseAt);
        Assert.Equal(_keys.Time.GetUtcNow().AddHours(24), step.State.ForgetAt);
        Assert.Equal([step.Number!.Value], step.State.Refers);
    }

    [Fact]
    public async Task Event_KeyCannotBeRead_IsRefusedAndHoldsUpNoOther()
    {
        var find = _keys.Store.OnFindCoalesced;
        _keys.Store.OnFindCoalesced = _ => throw new StoreException("The disk is gone.");
        var refused = Assert.IsType<IngestResult.Unavailable>(await _keys.TakeAsync("7", "title", 1));
        _keys.Store.OnFindCoalesced = find;

        Assert.Equal("The disk is gone.", refused.Reason);
        Assert.IsType<IngestResult.Accepted>(await Wait.ForAsync(_keys.TakeAsync("7", "title", 1), "the next of the key"));
    }

    [Fact]
    public async Task Event_KeyChangedMeanwhile_IsDecidedAgainstWhatItIsNow()
    {
        await _keys.TakeAsync("7", "title", 1);
        var (accept, tries) = (_keys.Store.OnAccept, 0);
        _keys.Store.OnAccept = request =>
        {
            if (++tries <= Coalescer.MostTries - 1)
                _keys.Change("7");

            return accept(request);
        };

        Assert.IsType<IngestResult.Accepted>(await _keys.TakeAsync("7", "status", 2, isLast: true));

        Assert.Equal(Coalescer.MostTries, tries);
        var step = _keys.Steps.Last();
        Assert.Equal(1 + (100 * (Coalescer.MostTries - 1)), step.Version);
        Assert.Single(step.Release!.TakesIn);
    }

    [Fact]
    public async Task Event_KeyChangesEachTime_IsRefusedAfterSoManyTries()
    {
        var tries = 0;
        _keys.Store.OnAccept = _ =>
        {
            tries++;
            return new AcceptResult.Conflict();
        };

        Assert.IsType<IngestResult.Unavailable>(await _keys.TakeAsync("7", "title", 1));

        Assert.Equal(Coalescer.MostTries, tries);
        Assert.Empty(_keys.Steps);
    }

    [Fact]
    public async Task Event_NotStored_ChangesNothingOfItsKey()
    {
        await _keys.TakeAsync("7", "title", 1);
        var accept = _keys.Store.OnAccept;
        _keys.Store.OnAccept = _ => new AcceptResult.Unavailable("The disk is full.");
        Assert.IsType<IngestResult.Unavailable>(await _keys.TakeAsync("7", "status", 2));
        _keys.Store.OnAccept = accept;

        await _keys.TakeAsync("7", "status", 3, isLast: true);

        Assert.Equal(1, _keys.Steps.Last().Version);
        Assert.Single(_keys.Steps.Last().Release!.TakesIn);
    }

    [Fact]
    public async Task Event_ThatDoesNotBelongToWhatIsHeld_GoesOutAfterIt()
    {
        await _keys.TakeAsync("7", "title", 1);
        await _keys.TakeAsync("7", "title", 2, type: "created");

        var step = _keys.Steps.Last();
        Assert.Equal((1, null), (step.Release!.Number, step.Release.Event));
        Assert.Equal(["jira"], step.Release.Destinations);
        Assert.Null(step.State!.ReleaseAt);
    }

    [Fact]
    public async Task Release_NotDueAnyMore_WritesNothing()
    {
        await _keys.TakeAsync("7", "title", 1);
        _keys.Time.Advance(TimeSpan.FromMinutes(2) - TimeSpan.FromMilliseconds(1));

        await _keys.ReleaseAsync("7");
        await _keys.ReleaseAsync("nosuch");
        Assert.Single(_keys.Steps);

        _keys.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _keys.ReleaseAsync("7");
        await _keys.ReleaseAsync("7");
        Assert.Equal(2, _keys.Steps.Count);
    }

    [Fact]
    public async Task Release_OfOneAndOfSeveral_IsToldAndCountedAsWhatItIs()
    {
        using var counted = new Counted(_keys.Services);
        using var listener = _keys.Services.GetRequiredService<EventFeed>().Listen(new EventFilter());
        foreach (var (n, at) in new[] { ("one", 1), ("two", 1), ("two", 2), ("two", 3) })
            await _keys.TakeAsync(n, "title", at);
        _keys.Time.Advance(TimeSpan.FromMinutes(2));

        await _keys.ReleaseAsync("one");
        Assert.Empty(counted.Of("hookgateway.merged").Concat(counted.Of("hookgateway.superseded")));

        await _keys.ReleaseAsync("two");
        Assert.Equal([1], counted.Of("hookgateway.merged"));
        Assert.Equal([3], counted.Of("hookgateway.superseded"));
        Assert.Equal(
            2, Enumerable.Range(0, 6).Count(_ => listener!.TryTake(out var happening) && happening!.Kind == "released"));
    }

    [Fact]
    public async Task Release_OfSeveral_HasNeitherTheIdOfOneNorItsSendersId()
    {
        await _keys.TakeAsync("7", "title", 1);
        await _keys.TakeAsync("7", "status", 2);
        _keys.Time.Advance(TimeSpan.FromMinutes(2));

        await _keys.ReleaseAsync("7");

        var made = _keys.Steps.Last().Release!.Event!;
        Assert.Equal((default, null, EventOrigin.Coalesce), (made.Id, made.SourceId, made.Origin));
        Assert.Contains("\"id\":\"7-2\"", Encoding.UTF8.GetString(made.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Release_AnotherGatewayWasFirst_TellsNothing()
    {
        using var counted = new Counted(_keys.Services);
        await _keys.TakeAsync("7", "title", 1);
        await _keys.TakeAsync("7", "title", 2);
        _keys.Time.Advance(TimeSpan.FromMinutes(2));
        var release = _keys.Store.OnReleaseHeld;
        _keys.Store.OnReleaseHeld = step =>
        {
            _keys.Change("7");
            return release(step);
        };

        await _keys.ReleaseAsync("7");

        Assert.Equal(2, _keys.Steps.Count);
        Assert.Empty(counted.Of("hookgateway.merged").Concat(counted.Of("hookgateway.superseded")));
    }

    [Fact]
    public async Task Release_NobodyKnowsWhetherItWasWritten_LooksForWhatMayBeDue()
    {
        var leases = 0;
        _keys.Store.OnLease = _ =>
        {
            Interlocked.Increment(ref leases);
            return new LeaseResult([], More: false, NextDue: null);
        };
        var lanes = _keys.Services.GetRequiredService<Lanes>();
        await lanes.StartAsync(Cancel);
        await Wait.UntilAsync(() => Volatile.Read(ref leases) == 2, "both lanes to ask at the start");
        await _keys.TakeAsync("7", "title", 1);
        _keys.Time.Advance(TimeSpan.FromMinutes(2));
        var release = _keys.Store.OnReleaseHeld;
        _keys.Store.OnReleaseHeld = _ => throw new StoreException("The disk is gone.");

        await Assert.ThrowsAsync<StoreException>(() => _keys.ReleaseAsync("7"));

        await Wait.UntilAsync(() => Volatile.Read(ref leases) == 3, "the lane to ask again");
        _keys.Store.OnReleaseHeld = release;
        await _keys.ReleaseAsync("7").WaitAsync(Wait.DefaultLimit, TimeProvider.System, Cancel);
        Assert.Equal(2, _keys.Steps.Count);
        await lanes.StopAsync(Cancel);
    }

    [Fact]
    public async Task Release_HeldEventIsGone_SaysWhereToLook()
    {
        _keys.Forget(await _keys.TakeAsync("7", "title", 1));
        _keys.Time.Advance(TimeSpan.FromMinutes(2));

        var error = await Assert.ThrowsAsync<StoreException>(() => _keys.ReleaseAsync("7"));

        Assert.Contains("hookgateway audit", error.Message, StringComparison.Ordinal);
        Assert.Single(_keys.Steps);
    }

    [Fact]
    public async Task Release_StateIsOfAnotherVersion_SaysSo()
    {
        _keys.Store.OnFindCoalesced = _ => new CoalescedKey(1, "[]"u8.ToArray(), new Dictionary<int, EventId>(), _keys.Time.GetUtcNow());

        var error = await Assert.ThrowsAsync<StoreException>(() => _keys.ReleaseAsync("7"));

        Assert.Contains("run the one that wrote it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Release_SourceIsNotConfiguredAnyMore_GoesOutToNobody()
    {
        await _keys.TakeAsync("7", "title", 1);
        var find = _keys.Store.OnFind;
        _keys.Store.OnFind = id => find(id) is { } found ? found with { Event = found.Event with { Source = "gone" } } : null;
        _keys.Time.Advance(TimeSpan.FromMinutes(2));

        await _keys.ReleaseAsync("7", source: "gone");

        Assert.Equal(("gone", Disposition.Unrouted), (_keys.Steps.Last().Source, _keys.Steps.Last().Release!.Disposition));
    }

    [Fact]
    public async Task Turn_OfAKeyThatIsTaken_ComesWhenItIsGivenBackOrNotInTime()
    {
        var turns = new KeyTurns();
        var first = await turns.TakeAsync("crm", "7", TimeSpan.Zero, Cancel);
        Assert.NotNull(first);
        Assert.Null(await turns.TakeAsync("crm", "7", TimeSpan.Zero, Cancel));

        var waiting = turns.TakeAsync("crm", "7", Timeout.InfiniteTimeSpan, Cancel);
        Assert.False(waiting.IsCompleted);
        first.Release();
        Assert.NotNull(await Wait.ForAsync(waiting, "the turn"));
    }
}

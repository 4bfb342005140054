using System.Collections.Concurrent;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.UnitTests.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

public sealed class LaneTests : IDisposable
{
    private const int Places = 1024;
    private const int MostLeased = 256;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentQueue<Delivery> _attempted = new();
    private readonly SemaphoreSlim _attempts = new(0);
    private readonly LaneMemory _memory = new(1_000_000);
    private readonly List<Lane> _lanes = [];
    private readonly Lane _lane;
    private Func<Delivery, Task<TimeSpan?>> _deliver = _ => Task.FromResult<TimeSpan?>(null);
    private int _signals;

    public LaneTests() => _lane = NewLane(rate: null);

    public void Dispose()
    {
        foreach (var lane in _lanes)
            lane.Dispose();

        _attempts.Dispose();
    }

    [Fact]
    public void TryReserve_AllPlacesTaken_LeavesTheRestToTheStore()
    {
        for (var i = 0; i < Places; i++)
            Assert.True(_lane.TryReserve(10));

        Assert.False(_lane.TryReserve(10));
    }

    [Fact]
    public void TryReserve_MemoryTaken_LeavesTheRestToTheStore()
    {
        Assert.True(_lane.TryReserve(999_999));
        Assert.False(_lane.TryReserve(2));
    }

    [Fact]
    public void TryReserve_TenHoldWhatTheirDestinationsDoNotTake_HasRoomAllTheSame()
    {
        const int Body = 500;
        foreach (var ill in Enumerable.Range(0, 10).Select(_ => NewLane(rate: null)))
        {
            while (ill.TryReserve(Body))
            {
            }
        }

        var reserved = 0;
        while (_lane.TryReserve(Body))
            reserved++;

        // Eight ninths of eight ninths, ten times, and a ninth of that.
        Assert.InRange(reserved * Body, 33_000, 36_000);
    }

    [Fact]
    public void WantsLease_OthersHoldMuch_AsksForItsShareOfTheRest()
    {
        _memory.Take(500_000);
        _lane.TryReserve(10_000);
        _lane.MarkBacklog();

        Assert.Equal(new LeaseRequest("d", MostLeased, (490_000 - 80_000) / 9), _lane.WantsLease(_time.GetUtcNow()));
    }

    [Fact]
    public void TryReserve_BacklogWaits_DoesNotOvertakeIt()
    {
        _lane.MarkBacklog();

        Assert.False(_lane.TryReserve(10));
        Assert.Equal(1, _signals);
    }

    [Fact]
    public void Release_AfterSettling_MakesRoomAgain()
    {
        for (var i = 0; i < Places; i++)
            _lane.TryReserve(10);

        _lane.Release(10);

        Assert.True(_lane.TryReserve(10));
    }

    [Fact]
    public async Task Enqueue_ManyDeliveries_KeepsToTheConcurrency()
    {
        var gate = new TaskCompletionSource<TimeSpan?>();
        _deliver = _ => gate.Task;
        for (var i = 0; i < 10; i++)
            Enqueue();

        await AttemptsAsync(4);
        Assert.Equal(4, _attempted.Count);

        gate.SetResult(null);
        await AttemptsAsync(6);
        Assert.Equal(10, _attempted.Count);
    }

    [Fact]
    public void Enqueue_WhileAnswersAreGiven_BeginsAfterTheLastOnTheSameThread()
    {
        var begunBefore = new List<int>();
        var threads = new List<int>();
        _deliver = _ =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            return Task.FromResult<TimeSpan?>(null);
        };

        AnswersFirst.Run([1, 2, 3], _ =>
        {
            Enqueue();
            begunBefore.Add(_attempted.Count);
        });

        Assert.Equal([0, 0, 0], begunBefore);
        Assert.Equal(Enumerable.Repeat(Environment.CurrentManagedThreadId, 3), threads);
    }

    [Fact]
    public async Task Enqueue_AnAnswerFailed_LosesNothingAndHoldsNothingBackLater()
    {
        Assert.Throws<InvalidOperationException>(() => AnswersFirst.Run([1], _ =>
        {
            Enqueue();
            throw new InvalidOperationException("a fault");
        }));
        Assert.Single(_attempted);

        Enqueue();
        await AttemptsAsync(2);
    }

    [Fact]
    public async Task Deliver_BreakerOpen_ParksAndLosesNothing()
    {
        _deliver = _ => Task.FromResult<TimeSpan?>(TimeSpan.FromSeconds(30));
        var delivery = Enqueue();
        await AttemptsAsync(1);
        await SettledAsync();
        Assert.Null(_lane.WantsLease(_time.GetUtcNow()));

        _deliver = _ => Task.FromResult<TimeSpan?>(null);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Single(_attempted);

        _time.Advance(TimeSpan.FromSeconds(1));
        await AttemptsAsync(1);
        Assert.All(_attempted, attempted => Assert.Same(delivery, attempted));
    }

    [Fact]
    public async Task Deliver_AfterParking_ProbesWithOneBeforeTheRest()
    {
        var probe = new TaskCompletionSource<TimeSpan?>();
        _deliver = _ => Task.FromResult<TimeSpan?>(TimeSpan.FromSeconds(30));
        Enqueue();
        await AttemptsAsync(1);
        await SettledAsync();

        _deliver = _ => probe.Task;
        for (var i = 0; i < 5; i++)
            Enqueue();

        _time.Advance(TimeSpan.FromSeconds(30));
        await AttemptsAsync(1);
        Assert.Equal(2, _attempted.Count);

        _deliver = _ => Task.FromResult<TimeSpan?>(null);
        probe.SetResult(null);
        await AttemptsAsync(5);
    }

    [Fact]
    public async Task Deliver_UnderWayWhileParked_EndsAndLeavesTheProbeToOne()
    {
        var underWay = new TaskCompletionSource<TimeSpan?>();
        _deliver = _ => underWay.Task;
        Enqueue();
        await AttemptsAsync(1);
        _deliver = _ => Task.FromResult<TimeSpan?>(TimeSpan.FromSeconds(30));
        Enqueue();
        await AttemptsAsync(1);
        await SettledAsync(active: 1);

        var probe = new TaskCompletionSource<TimeSpan?>();
        _deliver = _ => probe.Task;
        for (var i = 0; i < 5; i++)
            Enqueue();

        underWay.SetResult(null);
        await SettledAsync();
        Assert.Equal(2, _attempted.Count);

        _time.Advance(TimeSpan.FromSeconds(30));
        await AttemptsAsync(1);
        Assert.Equal(1, _lane.ActiveWorkers);
    }

    [Fact]
    public async Task Deliver_Faults_LosesNeitherWorkerNorDelivery()
    {
        _deliver = _ => throw new InvalidOperationException("a fault");
        var delivery = Enqueue();
        await AttemptsAsync(1);
        await SettledAsync();

        _deliver = _ => Task.FromResult<TimeSpan?>(null);
        _time.Advance(TimeSpan.FromSeconds(1));
        await AttemptsAsync(1);
        Assert.All(_attempted, attempted => Assert.Same(delivery, attempted));
        await SettledAsync();
    }

    [Fact]
    public async Task Enqueue_MoreThanTheRateAllows_WaitsWithoutAWorkerAndLosesNothing()
    {
        var lane = NewLane(new RateLimitConfiguration(4, TimeSpan.FromSeconds(1)));
        for (var i = 0; i < 5; i++)
            Enqueue(lane);

        for (var done = 1; done <= 5; done++)
        {
            await AttemptsAsync(1);
            await SettledAsync(lane);
            Assert.Equal(done, _attempted.Count);

            _time.Advance(TimeSpan.FromMilliseconds(249));
            Assert.Equal(0, lane.ActiveWorkers);
            Assert.Equal(done, _attempted.Count);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(5, _attempted.Distinct().Count());
    }

    [Fact]
    public async Task Enqueue_AttemptsUnderWay_KeepToTheRateToo()
    {
        var lane = NewLane(new RateLimitConfiguration(4, TimeSpan.FromSeconds(1)));
        var gate = new TaskCompletionSource<TimeSpan?>();
        _deliver = _ => gate.Task;
        for (var i = 0; i < 4; i++)
            Enqueue(lane);

        await AttemptsAsync(1);
        Assert.Equal(1, lane.ActiveWorkers);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await AttemptsAsync(1);
        Assert.Equal(2, lane.ActiveWorkers);

        gate.SetResult(null);
        await SettledAsync(lane);
        Assert.Equal(2, _attempted.Count);
    }

    [Fact]
    public async Task StopAsync_LaneWaitsForTheRate_GivesBackWhatItHolds()
    {
        var lane = NewLane(new RateLimitConfiguration(1, TimeSpan.FromHours(1)));
        for (var i = 0; i < 3; i++)
            Enqueue(lane);

        await AttemptsAsync(1);
        await lane.StopAsync().WaitAsync(Wait.DefaultLimit, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(2, lane.TakeUnsent().Count);
        Assert.Single(_attempted);
    }

    [Fact]
    public async Task Learn_DownstreamAnswers429_AttemptsFewerAtOnceFromThenOn()
    {
        var gates = new ConcurrentQueue<TaskCompletionSource<TimeSpan?>>();
        _deliver = _ =>
        {
            var gate = new TaskCompletionSource<TimeSpan?>(TaskCreationOptions.RunContinuationsAsynchronously);
            gates.Enqueue(gate);
            return gate.Task;
        };
        for (var i = 0; i < 8; i++)
            Enqueue();

        await AttemptsAsync(4);
        _lane.Learn(new AttemptResult(429, DeliveryError.Status, null, null), TimeSpan.Zero);
        Assert.Equal(3, _lane.Concurrency);

        End(gates);
        await Wait.UntilAsync(() => _lane.ActiveWorkers == 3, "the lane");
        Assert.Equal(4, _attempted.Count);

        End(gates);
        await AttemptsAsync(1);
        Assert.Equal(3, _lane.ActiveWorkers);
    }

    [Fact]
    public void WantsLease_NothingMarked_WantsNothing()
    {
        Assert.Null(_lane.WantsLease(_time.GetUtcNow()));
        Assert.Null(_lane.WantsLeaseAt());
    }

    [Fact]
    public void WantsLease_DueLater_WantsThen()
    {
        var due = _time.GetUtcNow() + TimeSpan.FromSeconds(5);
        _lane.MarkDue(due + TimeSpan.FromSeconds(1));
        _lane.MarkDue(due);
        _lane.MarkDue(due + TimeSpan.FromSeconds(2));

        Assert.Equal(due, _lane.WantsLeaseAt());
        Assert.Null(_lane.WantsLease(due - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(new LeaseRequest("d", MostLeased, 1_000_000 / 9), _lane.WantsLease(due));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Release_SomethingIsDueForWhichThereWasNoRoom_SignalsTheFeeder(bool isDueAlready)
    {
        for (var i = 0; i < Places; i++)
            _lane.TryReserve(10);

        var due = _time.GetUtcNow() + TimeSpan.FromSeconds(5);
        _lane.MarkDue(due);
        Assert.Null(isDueAlready ? _lane.WantsLease(due)?.MaxCount : _lane.WantsLeaseAt()?.Ticks);
        var before = _signals;
        for (var i = 0; i < Places / 4; i++)
            _lane.Release(10);

        Assert.Equal(before + 1, _signals);
        Assert.Equal(Places / 4, _lane.WantsLease(due)!.Value.MaxCount);
    }

    [Fact]
    public void TakeIn_MarkedWhileTheStoreWasAsked_IsNotForgotten()
    {
        _lane.MarkBacklog();
        Assert.NotNull(_lane.WantsLease(_time.GetUtcNow()));
        var due = _time.GetUtcNow() + TimeSpan.FromSeconds(3);
        _lane.MarkDue(due);

        _lane.TakeIn(new LeaseResult([], More: false, NextDue: due + TimeSpan.FromHours(1)));

        Assert.Equal(due, _lane.WantsLeaseAt());
    }

    [Fact]
    public void WantsLease_MemoryTakenByOthers_StillHoldsOne()
    {
        _memory.Take(1_000_000);
        _lane.MarkBacklog();

        Assert.Equal(0, _lane.WantsLease(_time.GetUtcNow())!.Value.MaxBytes);
        _deliver = _ => new TaskCompletionSource<TimeSpan?>().Task;
        _lane.TakeIn(new LeaseResult([NewDelivery()], More: true, NextDue: null));
        Assert.Null(_lane.WantsLease(_time.GetUtcNow()));
    }

    [Fact]
    public void TakeIn_EventWithKeptHeaders_CountsThemToo()
    {
        var delivery = NewDelivery(bytes: 10);
        var kept = delivery.Event with { Headers = [KeyValuePair.Create("X-Name", new string('v', 994))] };
        _deliver = _ => new TaskCompletionSource<TimeSpan?>().Task;

        _lane.TakeIn(new LeaseResult(
            [new Delivery { Event = kept, Destination = "d", Ordinal = 0, Attempts = 0, Lease = delivery.Lease }], More: false, NextDue: null));

        Assert.Equal((1_000_000 - 2010) / 9, _memory.RoomFor(0));
    }

    [Fact]
    public async Task StopAsync_AttemptUnderWay_WaitsForItAndStartsNoOther()
    {
        var gate = new TaskCompletionSource<TimeSpan?>();
        _deliver = _ => gate.Task;
        for (var i = 0; i < 5; i++)
            Enqueue();

        await AttemptsAsync(4);
        var stopped = _lane.StopAsync();
        Assert.False(stopped.IsCompleted);

        gate.SetResult(null);
        await stopped.WaitAsync(Wait.DefaultLimit, TestContext.Current.CancellationToken);
        Assert.Equal(4, _attempted.Count);
        Assert.Single(_lane.TakeUnsent());
    }

    [Fact]
    public async Task Pause_Paused_StartsAndLeasesNothingUntilResumed()
    {
        var gate = new TaskCompletionSource<TimeSpan?>();
        _deliver = _ => gate.Task;
        for (var i = 0; i < 6; i++)
            Enqueue();

        await AttemptsAsync(4);
        Assert.Equal(2, _lane.Pause().Count);
        gate.SetResult(null);
        await SettledAsync();

        _lane.MarkBacklog();
        _lane.MarkDue(_time.GetUtcNow());
        Assert.Null(_lane.WantsLease(_time.GetUtcNow()));
        Assert.Null(_lane.WantsLeaseAt());
        _lane.TakeIn(new LeaseResult([NewDelivery()], More: false, NextDue: null));
        Assert.Equal(4, _attempted.Count);

        _lane.Resume();
        await AttemptsAsync(1);
        Assert.NotNull(_lane.WantsLease(_time.GetUtcNow()));
    }

    [Fact]
    public void TryReserve_Paused_LeavesAllToTheStore()
    {
        _lane.Pause();

        Assert.False(_lane.TryReserve(10));
    }

    [Fact]
    public void Resume_EventsArrivedMeanwhile_SignalsTheFeeder()
    {
        _lane.Pause();
        var before = _signals;

        _lane.Resume();

        Assert.Equal(before + 1, _signals);
        Assert.Equal(new LeaseRequest("d", MostLeased, 1_000_000 / 9), _lane.WantsLease(_time.GetUtcNow()));
    }

    [Fact]
    public async Task Rate_SharedWithOthers_BeginsAsManyAsItIsGivenAndAsksForTheRest()
    {
        var share = new ScriptedShare { OnTake = most => new TokenGrant(Math.Min(most, 2), TimeSpan.Zero) };
        var gate = new TaskCompletionSource<TimeSpan?>();
        _deliver = _ => gate.Task;
        var lane = NewLane(new RateLimitConfiguration(100, TimeSpan.FromSeconds(1)), share);
        for (var i = 0; i < 10; i++)
            Enqueue(lane);

        await AttemptsAsync(4);
        gate.SetResult(null);
        await AttemptsAsync(6);

        // Never more than it could begin at once, and none for nothing.
        Assert.All(share.Asked, asked => Assert.InRange(asked, 1, 4));
        Assert.Equal(10, _attempted.Count);
    }

    [Fact]
    public async Task Rate_SharedWithOthersAndUsedUp_AsksAgainWhenTheNextTokenComes()
    {
        var share = new ScriptedShare();
        share.OnTake = most => share.Asked.Count > 1 ? new TokenGrant(most, TimeSpan.Zero) : new TokenGrant(0, TimeSpan.FromMilliseconds(249.2));
        Enqueue(NewLane(new RateLimitConfiguration(4, TimeSpan.FromSeconds(1)), share));

        await AttemptInTimeAsync(TimeSpan.FromMilliseconds(250));

        Assert.True(share.Asked.Count >= 2);
    }

    [Fact]
    public async Task Rate_SharedStoreIsAway_WaitsAndAsksAgain()
    {
        var share = new ScriptedShare();
        share.OnTake = most => share.Asked.Count switch
        {
            1 => throw new StoreException("away"),
            2 => throw new InvalidCastException("a fault of the gateway's own"),
            _ => new TokenGrant(most, TimeSpan.Zero),
        };
        Enqueue(NewLane(new RateLimitConfiguration(4, TimeSpan.FromSeconds(1)), share));

        await AttemptInTimeAsync(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(60, 1)]
    [InlineData(3600, 5)]
    public async Task Rate_SharedTokensComeLate_AreNotUsedNorManyTaken(int per, double late)
    {
        var answers = new TaskCompletionSource();
        var share = new ScriptedShare { Answers = answers.Task };
        var lane = NewLane(new RateLimitConfiguration(4, TimeSpan.FromSeconds(per)), share);
        for (var i = 0; i < 3; i++)
            Enqueue(lane);

        await Wait.UntilAsync(() => !share.Asked.IsEmpty, "the lane to ask");
        _time.Advance(TimeSpan.FromSeconds(late) + TimeSpan.FromMilliseconds(1));
        answers.SetResult();
        await AttemptInTimeAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(1, share.Asked.ElementAt(1));
    }

    [Fact]
    public async Task Rate_SharedStoreIsAlwaysSlow_IsAskedForOneAtATimeWhichIsUsed()
    {
        var share = new ScriptedShare();
        share.OnTake = most =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(150));
            return new TokenGrant(most, TimeSpan.Zero);
        };
        var lane = NewLane(new RateLimitConfiguration(4, TimeSpan.FromSeconds(1)), share);
        for (var i = 0; i < 5; i++)
            Enqueue(lane);

        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _attempted.Count == 5;
            },
            "all attempts");

        Assert.All(share.Asked.Skip(1), asked => Assert.Equal(1, asked));
    }

    [Fact]
    public async Task Rate_SharedTokensComeJustInTime_AreUsed()
    {
        var answers = new TaskCompletionSource();
        var share = new ScriptedShare { Answers = answers.Task };
        Enqueue(NewLane(new RateLimitConfiguration(4, TimeSpan.FromSeconds(1)), share));
        await Wait.UntilAsync(() => !share.Asked.IsEmpty, "the lane to ask");

        _time.Advance(TimeSpan.FromMilliseconds(100));
        answers.SetResult();
        await AttemptsAsync(1);

        Assert.Single(share.Asked);
    }

    [Theory]
    [InlineData(100, 1, 1.1 / 90)]
    [InlineData(5, 60, 61.0 / 5)]
    [InlineData(3600, 3600, 3605.0 / 3240)]
    public async Task Rate_SharedWithOthers_FillsTheBucketAsIfTheStretchWereLonger(int attempts, int per, double seconds)
    {
        var share = new ScriptedShare();
        Enqueue(NewLane(new RateLimitConfiguration(attempts, TimeSpan.FromSeconds(per)), share));
        await AttemptsAsync(1);

        // What begins within the stretch may have been taken as long before it as a token can be used.
        Assert.Equal(attempts / 10, share.Bucket.Saved);
        Assert.Equal(seconds, share.Bucket.Interval.TotalSeconds, 6);
    }

    [Fact]
    public async Task Rate_SharedTokensAreLeftOver_AreNotKept()
    {
        var share = new ScriptedShare { OnTake = _ => new TokenGrant(3, TimeSpan.Zero) };
        var lane = NewLane(new RateLimitConfiguration(4, TimeSpan.FromSeconds(1)), share);
        Enqueue(lane);
        await AttemptsAsync(1);

        await Wait.UntilAsync(
            () =>
            {
                Enqueue(lane);
                return share.Asked.Count > 1;
            },
            "tokens to be asked for again");
    }

    private Task AttemptInTimeAsync(TimeSpan step) => Wait.UntilAsync(
        () =>
        {
            _time.Advance(step);
            return !_attempted.IsEmpty;
        },
        "an attempt");

    private Lane NewLane(RateLimitConfiguration? rate, ISharedDestinations? shared = null)
    {
        var lane = new Lane(
            new DestinationConfiguration { Name = "d", Url = new Uri("http://d/"), Concurrency = 4, RateLimit = rate },
            (_, delivery) =>
            {
                _attempted.Enqueue(delivery);
                try
                {
                    return _deliver(delivery);
                }
                finally
                {
                    // Not before: what the test set up for it is there now.
                    _attempts.Release();
                }
            },
            _memory, () => Interlocked.Increment(ref _signals), _time, NullLogger.Instance, shared);
        _lanes.Add(lane);
        return lane;
    }

    private Delivery Enqueue(Lane? lane = null)
    {
        lane ??= _lane;
        Assert.True(lane.TryReserve(10));
        var delivery = NewDelivery();
        lane.Enqueue(delivery);
        return delivery;
    }

    private static void End(ConcurrentQueue<TaskCompletionSource<TimeSpan?>> gates)
    {
        Assert.True(gates.TryDequeue(out var gate));
        gate.SetResult(null);
    }

    private async Task AttemptsAsync(int count)
    {
        for (var i = 0; i < count; i++)
            Assert.True(await _attempts.WaitAsync(Wait.DefaultLimit, TestContext.Current.CancellationToken));
    }

    /// <summary>Until the worker that was just seen attempting has gone back into the lane: StopAsync would wait for it too.</summary>
    private Task SettledAsync(Lane? lane = null, int active = 0) =>
        Wait.UntilAsync(() => (lane ?? _lane).ActiveWorkers == active, "so many attempts");

    internal static Delivery NewDelivery(int bytes = 10) => new()
    {
        Event = new WebhookEvent
        {
            Source = "s",
            Name = "sr.created",
            ReceivedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            Body = new byte[bytes],
            Trace = default,
        },
        Destination = "d",
        Ordinal = 0,
        Attempts = 0,
        Lease = new Lease(1, 1),
    };
}

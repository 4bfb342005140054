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

/// <summary>A destination's lane for bulk replays beside its other one.</summary>
public sealed class BulkLaneTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentQueue<Lane> _attempted = new();
    private readonly SemaphoreSlim _attempts = new(0);
    private readonly Lane _live;
    private readonly Lane _bulk;
    private Func<TimeSpan?> _outcome = () => null;

    public BulkLaneTests()
    {
        var destination = new DestinationConfiguration
        {
            Name = "d",
            Url = new Uri("http://d/"),
            Concurrency = 16,
            RateLimit = new RateLimitConfiguration(1, TimeSpan.FromSeconds(1)),
        };
        _live = NewLane(destination, live: null);
        _bulk = NewLane(DestinationLanes.ForBulk(destination), _live);
    }

    public void Dispose()
    {
        _bulk.Dispose();
        _live.Dispose();
        _attempts.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(16, 4)]
    [InlineData(1024, 256)]
    public void ForBulk_AnyConcurrency_IsAQuarterOfItAndOneAtLeast(int concurrency, int expected)
    {
        var destination = new DestinationConfiguration { Name = "d", Url = new Uri("http://d/"), Concurrency = concurrency };

        Assert.Equal(expected, DestinationLanes.ForBulk(destination).Concurrency);
    }

    [Fact]
    public void WantsLease_EachLane_AsksForItsOwnKind()
    {
        _live.MarkBacklog();
        _bulk.MarkBacklog();

        Assert.False(_live.WantsLease(_time.GetUtcNow())!.Value.Bulk);
        Assert.True(_bulk.WantsLease(_time.GetUtcNow())!.Value.Bulk);
    }

    [Fact]
    public async Task Rate_BothWaitForIt_GoesToLiveEventsFirst()
    {
        Enqueue(_live);
        await AttemptedAsync(_live);
        for (var i = 0; i < 3; i++)
        {
            Enqueue(_bulk);
            Enqueue(_live);
        }

        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await AttemptedAsync(_live);
        }

        // Nothing live is left: what is replayed has the rate to itself, from the second token on.
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _time.Advance(TimeSpan.FromSeconds(1));
            await AttemptedAsync(_bulk);
        }
    }

    [Fact]
    public async Task EndParking_Parked_GoesOnAtOnce()
    {
        _outcome = () => TimeSpan.FromHours(1);
        Enqueue(_live);
        await AttemptedAsync(_live);
        await Wait.UntilAsync(() => _live.ActiveWorkers == 0, "the attempt to end");
        _outcome = () => null;
        _time.Advance(TimeSpan.FromSeconds(5));

        _live.EndParking();

        await AttemptedAsync(_live);
    }

    [Fact]
    public async Task Rate_SharedWithOtherGateways_LiveGoesBefore()
    {
        var answers = new TaskCompletionSource();
        var share = new ScriptedShare { Answers = answers.Task, OnTake = _ => new TokenGrant(1, TimeSpan.Zero) };
        using var live = NewLane(_live.Destination, live: null, share);
        using var bulk = NewLane(_bulk.Destination, live, share);
        Enqueue(bulk);
        Enqueue(live);
        Assert.Equal((0, 0), (live.ActiveWorkers, bulk.ActiveWorkers));

        answers.SetResult();

        await AttemptedAsync(live);
        await AttemptedAsync(bulk);
    }

    private Lane NewLane(DestinationConfiguration destination, Lane? live, ISharedDestinations? shared = null) => new(
        destination,
        (lane, _) =>
        {
            var outcome = _outcome();
            _attempted.Enqueue(lane);
            _attempts.Release();
            return Task.FromResult(outcome);
        },
        new LaneMemory(1_000_000), () => { }, _time, NullLogger.Instance, shared, live);

    private static void Enqueue(Lane lane) => lane.TakeIn(new LeaseResult([LaneTests.NewDelivery()], More: false, NextDue: null));

    private async Task AttemptedAsync(Lane expected)
    {
        Assert.True(await _attempts.WaitAsync(Wait.DefaultLimit, TestContext.Current.CancellationToken), "no attempt");
        Assert.True(_attempted.TryDequeue(out var lane));
        Assert.Same(expected, lane);
        await Wait.UntilAsync(() => lane.ActiveWorkers == 0, "the attempt to end");
    }
}

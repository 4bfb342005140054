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

/// <summary>Whatever waits in the store comes into its lane: when it is due, and when there is room.</summary>
public sealed class LaneFeederTests : IAsyncDisposable
{
    private const int MemoryLimit = 1000;

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedStore _store = new();
    private readonly ConcurrentQueue<(int Count, long Bytes)> _asked = new();
    private readonly ConcurrentQueue<Delivery> _waiting = new();
    private readonly ConcurrentQueue<Delivery> _delivered = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lane _lane;
    private readonly LaneFeeder _feeder;
    private readonly Task _running;

    public LaneFeederTests()
    {
        _lane = new Lane(
            new DestinationConfiguration { Name = "d", Url = new Uri("http://d/"), Concurrency = 4 }, DeliverAsync,
            new LaneMemory(MemoryLimit), () => _feeder?.Signal(), _time, NullLogger.Instance);
        _feeder = new LaneFeeder([_lane], _store, _time, NullLogger.Instance);
        _store.OnLease = Lease;
        _running = _feeder.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _feeder.Dispose();
        _lane.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Run_MoreThanTheLaneHolds_BringsAllOfItWithinTheBounds()
    {
        for (var i = 0; i < 3000; i++)
            _waiting.Enqueue(LaneTests.NewDelivery());

        _lane.MarkBacklog();

        await DeliveredAsync(3000);
        Assert.All(_asked, asked => Assert.InRange(asked.Count, 1, 256));
        Assert.All(_asked, asked => Assert.InRange(asked.Bytes, 0, MemoryLimit));
    }

    [Fact]
    public async Task Run_BodyLargerThanAllMemory_IsDelivered()
    {
        _waiting.Enqueue(LaneTests.NewDelivery(MemoryLimit + 1));
        _waiting.Enqueue(LaneTests.NewDelivery(MemoryLimit + 1));

        _lane.MarkBacklog();

        await DeliveredAsync(2);
    }

    [Fact]
    public async Task Run_DueLater_IsAskedForWhenItsTimeHasCome()
    {
        var due = _time.GetUtcNow() + TimeSpan.FromSeconds(20);
        DateTimeOffset? askedAt = null;
        _store.OnLease = request =>
        {
            askedAt ??= _time.GetUtcNow();
            return Lease(request);
        };
        _waiting.Enqueue(LaneTests.NewDelivery());

        _lane.MarkDue(due);

        await DeliveredAsync(1, TimeSpan.FromSeconds(1));
        Assert.True(askedAt >= due);
    }

    [Fact]
    public async Task Run_StoreSaysWhenTheNextIsDue_AsksThen()
    {
        var due = _time.GetUtcNow() + TimeSpan.FromSeconds(20);
        _waiting.Enqueue(LaneTests.NewDelivery());
        _store.OnLease = request => _time.GetUtcNow() < due ? new LeaseResult([], More: false, NextDue: due) : Lease(request);

        _lane.MarkBacklog();

        await DeliveredAsync(1, TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_StoreFails_AsksAgain(bool knows)
    {
        var failed = false;
        _waiting.Enqueue(LaneTests.NewDelivery());
        _store.OnLease = request =>
        {
            if (failed)
                return Lease(request);

            failed = true;
            throw knows ? new StoreException("The disk is gone.") : new InvalidOperationException("a fault");
        };

        _lane.MarkBacklog();

        await DeliveredAsync(1, TimeSpan.FromSeconds(1));
        Assert.True(failed);
    }

    [Fact]
    public async Task Run_StoreCannotReadOneLanesEvents_FeedsTheOthers()
    {
        _waiting.Enqueue(LaneTests.NewDelivery());
        _store.OnLease = request => request.Destination == "bad" ? throw new StoreException("A page is damaged.") : Lease(request);
        var memory = new LaneMemory(MemoryLimit);
        Lane[] lanes = [Another("bad", memory), Another("good", memory)];
        foreach (var lane in lanes)
            lane.MarkBacklog();

        using var feeder = new LaneFeeder(lanes, _store, _time, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = feeder.RunAsync(stop.Token);

        await DeliveredAsync(1);
        Assert.NotNull(lanes[0].WantsLease(_time.GetUtcNow()));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        foreach (var lane in lanes)
            lane.Dispose();
    }

    [Fact]
    public async Task Run_SeveralLanesWantMore_ShareTheFreeMemory()
    {
        var memory = new LaneMemory(MemoryLimit);
        Lane[] lanes = [Another("a", memory), Another("b", memory)];
        foreach (var lane in lanes)
            lane.MarkBacklog();

        using var feeder = new LaneFeeder(lanes, _store, _time, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = feeder.RunAsync(stop.Token);

        Assert.Equal([MemoryLimit / 9 / 2, MemoryLimit / 9 / 2], _asked.Select(asked => asked.Bytes));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        foreach (var lane in lanes)
            lane.Dispose();
    }

    private Lane Another(string name, LaneMemory memory) => new(
        new DestinationConfiguration { Name = name, Url = new Uri("http://d/") }, DeliverAsync, memory, () => { }, _time, NullLogger.Instance);

    private Task<TimeSpan?> DeliverAsync(Lane lane, Delivery delivery)
    {
        _delivered.Enqueue(delivery);
        lane.Release(delivery.Event.Body.Length);
        return Task.FromResult<TimeSpan?>(null);
    }

    private LeaseResult Lease(LeaseRequest request)
    {
        _asked.Enqueue((request.MaxCount, request.MaxBytes));
        List<Delivery> leased = [];
        while (leased.Count < request.MaxCount && _waiting.TryPeek(out var next)
            && (leased.Count == 0 || leased.Sum(delivery => delivery.Event.Body.Length) + next.Event.Body.Length <= request.MaxBytes))
        {
            _waiting.TryDequeue(out _);
            leased.Add(next);
        }

        return new LeaseResult(leased, More: !_waiting.IsEmpty, NextDue: null);
    }

    /// <summary>Until so many were delivered; time goes on by a step at every look.</summary>
    private Task DeliveredAsync(int count, TimeSpan step = default) => Wait.UntilAsync(
        () =>
        {
            _time.Advance(step);
            return _delivered.Count >= count;
        },
        "the deliveries");
}

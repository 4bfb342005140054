using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>Long random histories, compared with a model after every step.</summary>
public abstract class RandomConformance(StoreEngine engine) : StoreConformance(engine)
{
    private const int Steps = 400;
    private static readonly string[] Destinations = ["a", "b", "c"];
    private static readonly TimeSpan ShortWindow = TimeSpan.FromMinutes(10);
    private static readonly RetentionLimits Limits = new(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(40));

    private readonly StoreModel _model = new();
    private Random _random = new(0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Store_RandomHistory_HoldsWhatTheModelHolds(int seed)
    {
        _random = new Random(seed);
        for (var step = 0; step < Steps; step++)
        {
            await StepAsync();
            if (step % 20 == 0)
                await CompareAsync();
        }

        await CompareAsync();
    }

    /// <summary>What an event is about, 0 to 5. Default: a repeat may be about something else.</summary>
    protected virtual int AboutOf(int number) => _random.Next(6);

    private Task StepAsync() => _random.Next(20) switch
    {
        < 7 => AcceptSomethingAsync(),
        < 11 => LeaseSomethingAsync(),
        < 16 => SettleSomethingAsync(),
        16 => ReplaySomethingAsync(),
        17 => _random.Next(2) == 0 ? RetainAsync() : ReleaseAsync(),
        18 => Advance(),
        _ => _random.Next(4) == 0 ? ReopenBothAsync() : Advance(),
    };

    private async Task AcceptSomethingAsync()
    {
        var number = _random.Next(60);
        var key = $"e{number}";
        var destinations = Destinations.Where(_ => _random.Next(2) == 0).ToArray();
        var about = AboutOf(number) is var n and < 5 ? $"k{n}" : null;
        var request = Request(key, to: destinations, window: ShortWindow, key: about) with
        {
            Deliveries = [.. destinations.Select(d => new OwedDelivery(d, _random.Next(2) == 0, Ordered: _random.Next(2) == 0))],
        };
        var result = await TryAcceptAsync(request);
        if (_model.DuplicateOf(key, Time.GetUtcNow()) is { } first)
        {
            Assert.Equal(new AcceptResult.Duplicate(first), result);
            return;
        }

        var accepted = Assert.IsType<AcceptResult.Accepted>(result);
        var free = request.Deliveries.Where(d => d.Lease && !(d.Ordered && about is not null && _model.IsTaken($"{d.Destination}/{about}")));
        Assert.Equal(free.Select(d => d.Destination), accepted.Leased.Select(d => d.Destination));
        _model.Accept(key, accepted.Event.Id, Time.GetUtcNow(), ShortWindow, request, accepted.Leased);
    }

    private async Task LeaseSomethingAsync()
    {
        var destination = Destinations[_random.Next(3)];
        var count = _random.Next(1, 6);
        var due = _model.Due(destination, Time.GetUtcNow());
        var result = await LeaseAsync(destination, count);

        Assert.Equal(Math.Min(count, due.Count), result.Deliveries.Count);
        Assert.Equal(due.Count > count, result.More);
        Assert.Equal(_model.NextDue(destination, Time.GetUtcNow()), result.NextDue);
        foreach (var delivery in result.Deliveries)
        {
            var expected = due.Single(d => d.EventId == delivery.Event.Id && d.Ordinal == delivery.Ordinal);
            Assert.Equal(expected.Attempts, delivery.Attempts);
            expected.Lease = delivery;
        }
    }

    private async Task SettleSomethingAsync()
    {
        var held = _model.Deliveries.Where(d => d.Lease is not null).ToList();
        if (held.Count == 0)
            return;

        var delivery = held[_random.Next(held.Count)];
        var wait = TimeSpan.FromSeconds(_random.Next(200));
        var attempted = _random.Next(5) > 0;
        var state = !attempted ? DeliveryState.Pending : (DeliveryState)_random.Next(1, 4);
        var blocks = _random.Next(2) == 0;
        var settled = await SettleAsync(delivery.Lease!, state, wait, attempted, blocks);

        delivery.Lease = null;
        delivery.Attempts += attempted ? 1 : 0;
        delivery.State = attempted ? state : delivery.State;
        delivery.DueAt = delivery.IsOwed ? Time.GetUtcNow() + wait : null;
        var group = delivery.Group;
        if (!delivery.IsOwed && !(blocks && delivery.State == DeliveryState.Dead))
            _model.Leave(delivery, Time.GetUtcNow());

        Assert.Equal(group is not null && delivery.Group is null && _model.IsTaken(group), settled.FreedNext);
    }

    private async Task RetainAsync() =>
        Assert.Equal(_model.Retain(Limits.Delivered, Limits.Dead, Time.GetUtcNow()), await Store.RetainAsync(Limits, Cancel));

    private async Task ReleaseAsync()
    {
        var destination = Destinations[_random.Next(3)];
        await Store.ReleaseBlockedAsync([destination], Cancel);
        foreach (var blocking in _model.Deliveries.Where(d => d.Destination == destination && d.Blocks).ToList())
            _model.Leave(blocking, Time.GetUtcNow());
    }

    private Task Advance()
    {
        Time.Advance(TimeSpan.FromSeconds(_random.Next(1, 200)));
        return Task.CompletedTask;
    }

    private Task ReopenBothAsync()
    {
        // What is due again after an opening is due from then on; the model's earlier due times say the same.
        _model.Reopen();
        return ReopenAsync();
    }

    private async Task ReplaySomethingAsync()
    {
        if (_model.Events.Count == 0)
            return;

        var id = _model.Events.Keys.ElementAt(_random.Next(_model.Events.Count));
        var destination = Destinations[_random.Next(3)];
        var result = await Store.ReplayAsync(new ReplayRequest(id, [destination], default), Cancel);

        var replayed = Assert.IsType<ReplayResult.Replayed>(result).Deliveries;
        Assert.Equal(_model.Replay(id, destination, Time.GetUtcNow()), replayed.Select(d => d.Ordinal));
    }

    private async Task CompareAsync()
    {
        Assert.Equal(0, (await Store.AuditAsync(Cancel)).Unaccounted);
        foreach (var id in _model.Events.Keys)
        {
            var expected = _model.Deliveries.Where(d => d.EventId == id).ToList();
            var stored = (await FindAsync(id)).Deliveries;
            Assert.Equal(
                expected.Select(d => (d.Destination, d.State, d.Attempts, _model.Waits(d))),
                stored.Select(d => (d.Destination, d.State, d.Attempts.Count, d.Waits)));
        }

        var pending = await Store.PendingAsync(Cancel);
        foreach (var destination in Destinations)
        {
            var expected = _model.Deliveries.Where(d => d.Destination == destination).ToList();
            var owed = expected.Where(d => d.IsOwed).ToList();
            var actual = pending.SingleOrDefault(p => p.Destination == destination);
            Assert.Equal(owed.Count, actual?.Count ?? 0);
            Assert.Equal(expected.Count(d => d.State == DeliveryState.Dead), actual?.Dead ?? 0);
            Assert.Equal(expected.Count(d => d.Blocks), actual?.Blocked ?? 0);
            Assert.Equal(owed.Count == 0 ? null : owed.Min(d => d.AcceptedAt), actual?.Oldest);
        }
    }
}

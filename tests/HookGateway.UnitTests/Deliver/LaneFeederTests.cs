using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Store;
using HookGateway.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

public sealed class LaneFeederTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly AskedStore _store = new();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task RunAsync_StoreFailsInAnUnknownWay_AsksAgain()
    {
        var lane = NewLane("a", new LaneMemory(1000));
        lane.MarkBacklog();
        _store.Answer = _ => throw new InvalidOperationException("a fault");
        using var feeder = new LaneFeeder([lane], _store, _time, NullLogger.Instance);
        using var stopping = new CancellationTokenSource();
        var running = feeder.RunAsync(stopping.Token);
        Assert.Single(_store.Asked);

        _store.Answer = AskedStore.Nothing;
        _time.Advance(TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(() => _store.Asked.Count == 2, "the store to be asked again");

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task RunAsync_SeveralLanesWantMore_ShareTheFreeMemory()
    {
        var memory = new LaneMemory(1000);
        Lane[] lanes = [NewLane("a", memory), NewLane("b", memory)];
        foreach (var lane in lanes)
            lane.MarkBacklog();

        using var feeder = new LaneFeeder(lanes, _store, _time, NullLogger.Instance);
        using var stopping = new CancellationTokenSource();
        var running = feeder.RunAsync(stopping.Token);

        Assert.Equal([500, 500], Assert.Single(_store.Asked).Select(request => request.MaxBytes));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private Lane NewLane(string name, LaneMemory memory) => new(
        new DestinationConfiguration { Name = name, Url = new Uri("http://d/") },
        (_, _) => Task.FromResult<TimeSpan?>(null), memory, () => { }, _time, NullLogger.Instance);

    private sealed class AskedStore : IEventStore
    {
        public List<IReadOnlyList<LeaseRequest>> Asked { get; } = [];

        public Func<IReadOnlyList<LeaseRequest>, IReadOnlyList<LeaseResult>> Answer { get; set; } = Nothing;

        public bool IsWritable => true;

        public static IReadOnlyList<LeaseResult> Nothing(IReadOnlyList<LeaseRequest> requests) =>
            [.. requests.Select(_ => new LeaseResult([], More: false, NextDue: null))];

        public ValueTask<IReadOnlyList<LeaseResult>> LeaseAsync(IReadOnlyList<LeaseRequest> requests, CancellationToken cancellationToken)
        {
            Asked.Add(requests);
            return new(Answer(requests));
        }

        public Task OpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<AcceptResult> AcceptAsync(AcceptRequest request) => throw new NotSupportedException();

        public void Settle(Settlement settlement) => throw new NotSupportedException();

        public Task WhenWritableAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<PendingDeliveries>> PendingAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> RetainAsync(RetentionLimits limits, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }
}

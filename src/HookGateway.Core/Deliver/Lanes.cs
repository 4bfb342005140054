using System.Collections.Frozen;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HookGateway.Deliver;

/// <summary>All lanes: takes in what was just accepted, delivers, settles, and ends cleanly.</summary>
internal sealed class Lanes : IHostedService, IDisposable
{
    /// <summary>Bodies and kept headers held by all lanes together: 64 MiB.</summary>
    private const long MemoryLimit = 64L * 1024 * 1024;

    /// <summary>Bodies held by all lanes of bulk replays together, apart from those of live events: 16 MiB.</summary>
    private const long BulkMemoryLimit = 16L * 1024 * 1024;

    private readonly IEventStore _store;
    private readonly GatewayMetrics _metrics;
    private readonly EventFeed _feed;
    private readonly TimeProvider _time;
    private readonly SteadyTimeProvider _steady;
    private readonly ILogger<Lanes> _logger;
    private readonly FrozenDictionary<string, DestinationLanes> _lanes;
    private readonly LaneFeeder _feeder;
    private readonly Action<Settled> _onSettled;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cutOff = new();
    private readonly SemaphoreSlim _pausing = new(1, 1);
    private readonly HashSet<string> _paused = [];
    private Task _feeding = Task.CompletedTask;
    private bool _looksAgain;

    public Lanes(
        GatewayConfiguration configuration, IEventStore store, DestinationPipelines pipelines, GatewayMetrics metrics, EventFeed feed,
        TimeProvider time, SteadyTimeProvider steady, ILogger<Lanes> logger)
    {
        _store = store;
        _metrics = metrics;
        _feed = feed;
        _time = time;
        _steady = steady;
        _logger = logger;
        _onSettled = OnSettled;
        var (memory, bulkMemory) = (new LaneMemory(MemoryLimit), new LaneMemory(BulkMemoryLimit));
        _lanes = configuration.Destinations.ToFrozenDictionary(
            destination => destination.Name,
            destination =>
            {
                var live = new Lane(destination, DeliverAsync, memory, () => _feeder?.Signal(), steady, logger, store.SharedDestinations);
                return new DestinationLanes(
                    live,
                    new Lane(DestinationLanes.ForBulk(destination), DeliverAsync, bulkMemory, () => _feeder?.Signal(), steady, logger, store.SharedDestinations, live),
                    pipelines.Of(destination.Name));
            });
        _feeder = new LaneFeeder([.. AllLanes], store, steady, logger);
    }

    /// <summary>The breaker of a destination: 0 closed, 1 half open, 2 open.</summary>
    public int BreakerState(string destination) =>
        _lanes.TryGetValue(destination, out var entry) ? entry.Pipeline.BreakerState : 0;

    /// <summary>How many attempts a destination is given at once now.</summary>
    public int Concurrency(string destination) =>
        _lanes.TryGetValue(destination, out var entry) ? entry.Live.Concurrency : 0;

    /// <summary>Says for each destination whether its lane keeps a place for an event of so many bytes.</summary>
    /// <param name="destinations">Where the event goes.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="ordered">Whether its deliveries stand in the order of its key also where a destination does not ask for it.</param>
    public OwedDelivery[] Reserve(IReadOnlyList<string> destinations, int bytes, bool ordered)
    {
        var owed = new OwedDelivery[destinations.Count];
        for (var i = 0; i < owed.Length; i++)
        {
            var lane = _lanes[destinations[i]].Live;
            owed[i] = new OwedDelivery(destinations[i], lane.TryReserve(bytes), ordered || lane.Destination.Order);
        }

        return owed;
    }

    /// <summary>
    /// The event is stored: what has a place is sent now, the rest is leased when there is room, or its turn. What has to wait
    /// for an earlier one gives its place back.
    /// </summary>
    public void Dispatch(IReadOnlyList<OwedDelivery> owed, IReadOnlyList<Delivery> leased, int bytes)
    {
        var next = 0;
        for (var i = 0; i < owed.Count; i++)
        {
            var lane = _lanes[owed[i].Destination].Live;
            if (!owed[i].Lease)
                lane.MarkBacklog();
            else if (next < leased.Count && leased[next].Ordinal == i)
                lane.Enqueue(leased[next++]);
            else
                lane.Release(bytes);
        }
    }

    /// <summary>The event was not stored: gives the places back.</summary>
    public void Release(IReadOnlyList<OwedDelivery> owed, int bytes)
    {
        foreach (var delivery in owed)
        {
            if (delivery.Lease)
                _lanes[delivery.Destination].Live.Release(bytes);
        }
    }

    /// <summary>
    /// Nobody knows whether an event was stored: it may be, and due. Looked for once the store can be written again, for then
    /// that is known.
    /// </summary>
    public void LookAgainWhenWritable()
    {
        if (!_store.IsWritable && Interlocked.Exchange(ref _looksAgain, true) == false)
            _ = LookAgainAsync();
    }

    /// <summary>Something of a configured destination's became due in the store.</summary>
    public void MarkBacklog(string destination)
    {
        if (_lanes.TryGetValue(destination, out var entry))
            entry.Live.MarkBacklog();
    }

    /// <summary>A bulk replay made something due for a configured destination.</summary>
    public void MarkBulk(string destination)
    {
        if (_lanes.TryGetValue(destination, out var entry))
            entry.Bulk.MarkBacklog();
    }

    /// <summary>Pauses or resumes a configured destination, durably, whichever of several calls comes last.</summary>
    /// <exception cref="StoreException">It could not be written: nothing has changed, or nobody knows.</exception>
    public async Task SetPausedAsync(string destination, bool paused, CancellationToken cancellationToken)
    {
        await _pausing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _store.SetPausedAsync(destination, paused, cancellationToken).ConfigureAwait(false);
            Follow(destination, paused);
        }
        finally
        {
            _pausing.Release();
        }
    }

    /// <summary>Tells the other gateways which breakers are open here, and follows what holds for all.</summary>
    /// <exception cref="StoreException">The store cannot tell now: what was known before holds.</exception>
    public async Task ShareAsync(ISharedDestinations shared, CancellationToken cancellationToken)
    {
        // What was read before an operator's call must not undo it after.
        await _pausing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            OpenBreaker[] open =
            [
                .. from lanes in _lanes
                   let remaining = lanes.Value.Pipeline.Shared.OpenHere
                   where remaining is not null
                   select new OpenBreaker(lanes.Key, remaining.Value),
            ];
            var states = await shared.ExchangeAsync(open, cancellationToken).ConfigureAwait(false);
            var elsewhere = states.OpenElsewhere.ToDictionary(breaker => breaker.Destination, breaker => breaker.Remaining);
            foreach (var (destination, lanes) in _lanes)
            {
                var isPaused = states.Paused.Contains(destination);
                if (Follow(destination, isPaused))
                    _logger.PausedElsewhere(destination, isPaused ? "paused" : "resumed");

                if (elsewhere.TryGetValue(destination, out var left))
                    lanes.Pipeline.Shared.OpenElsewhere(left);
                else if (lanes.Pipeline.Shared.TryCloseElsewhere())
                    lanes.EndParking();
            }
        }
        finally
        {
            _pausing.Release();
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var paused in await _store.PausedAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_lanes.ContainsKey(paused.Destination))
                Follow(paused.Destination, isPaused: true);
        }

        await _store.ReleaseBlockedAsync(
            [.. _lanes.Values.Select(entry => entry.Live.Destination).Where(destination => !destination.Blocks).Select(destination => destination.Name)],
            cancellationToken).ConfigureAwait(false);

        // What an earlier process left behind.
        foreach (var lane in AllLanes)
            lane.MarkBacklog();

        _feeding = Task.Run(() => _feeder.RunAsync(_stopping.Token), CancellationToken.None);
    }

    /// <summary>No new attempts; those under way may end until <paramref name="cancellationToken"/>, then they are cut off.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        // Not for longer: on a disk that hangs the feeder waits for a lease that never comes.
        await _feeding.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var drained = Task.WhenAll(AllLanes.Select(lane => lane.StopAsync()));
        using (cancellationToken.Register(_cutOff.Cancel))
            await drained.ConfigureAwait(false);

        foreach (var lane in AllLanes)
        {
            foreach (var delivery in lane.TakeUnsent())
                GiveBack(lane, delivery);
        }
    }

    private IEnumerable<Lane> AllLanes => _lanes.Values.SelectMany(entry => entry.Both);

    public void Dispose()
    {
        foreach (var lane in AllLanes)
            lane.Dispose();

        _feeder.Dispose();
        _pausing.Dispose();
        _stopping.Dispose();
        _cutOff.Dispose();
    }

    private async Task LookAgainAsync()
    {
        try
        {
            await _store.WhenWritableAsync(_stopping.Token).ConfigureAwait(false);
            Volatile.Write(ref _looksAgain, false);
            foreach (var entry in _lanes.Values)
                entry.Live.MarkBacklog();
        }
        catch (OperationCanceledException)
        {
            // The next start looks for everything.
        }
    }

    /// <summary>One attempt, settled. Gives how long to park where the breaker is open.</summary>
    private Task<TimeSpan?> DeliverAsync(Lane lane, Delivery delivery) =>
        _store.IsWritable ? AttemptAsync(lane, delivery) : DeliverWhenWritableAsync(lane, delivery);

    // What cannot be recorded must not be sent: it would be sent again.
    private async Task<TimeSpan?> DeliverWhenWritableAsync(Lane lane, Delivery delivery)
    {
        try
        {
            await _store.WhenWritableAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveBack(lane, delivery);
            return null;
        }

        // All that waited here has had its turn in the rate long ago: it goes back and takes another.
        return lane.Destination.RateLimit is null ? await AttemptAsync(lane, delivery).ConfigureAwait(false) : TimeSpan.Zero;
    }

    private async Task<TimeSpan?> AttemptAsync(Lane lane, Delivery delivery)
    {
        var number = delivery.Attempts + 1;
        var started = _time.GetUtcNow();
        var watch = _time.GetTimestamp();
        using var span = GatewayActivity.StartDeliver(delivery, number);
        var lanes = _lanes[delivery.Destination];
        var made = await lanes.Pipeline
            .AttemptAsync(delivery, number, span, _cutOff.Token).ConfigureAwait(false);
        switch (made)
        {
            case PipelineResult.Parked parked:
                span?.IsAllDataRequested = false;
                span?.ActivityTraceFlags &= ~System.Diagnostics.ActivityTraceFlags.Recorded;
                return parked.For;

            case PipelineResult.Made { Result: var result }:
                var duration = _time.GetElapsedTime(watch);
                lane.Learn(result, duration);
                if (lane == lanes.Bulk && lanes.Pipeline.BreakerState == 0)
                    lanes.Live.EndParking();

                Settle(lane, delivery, result, started, duration, span);
                return null;

            default:
                GiveBack(lane, delivery);
                return null;
        }
    }

    private void Settle(
        Lane lane, Delivery delivery, AttemptResult result, DateTimeOffset started, TimeSpan duration,
        System.Diagnostics.Activity? span)
    {
        var attempt = new DeliveryAttempt
        {
            Number = delivery.Attempts + 1,
            StartedAt = started,
            Duration = duration,
            StatusCode = result.StatusCode,
            Error = result.Error,
            Detail = result.Detail,
            Answer = result.Answer,
        };

        // A replay has the whole schedule before it again, whatever was tried before; its age does not count.
        var sinceReplay = attempt with { Number = attempt.Number - (delivery.Replay?.AttemptsBefore ?? 0) };
        var age = delivery.Replay is null ? _time.GetUtcNow() - delivery.Event.ReceivedAt : (TimeSpan?)null;
        var verdict = Verdict.Of(lane.Destination.Retry, sinceReplay, result, age, _steady.GetUtcNow());
        AttemptReport.Write(_metrics, _logger, delivery, attempt, verdict, span);
        _store.Settle(new Settlement
        {
            Delivery = delivery,
            Attempt = attempt,
            State = verdict.State,
            DueAt = verdict.DueAt,
            Blocks = lane.Destination.Blocks,
            Written = _onSettled,
        });
    }

    /// <summary>Pauses or resumes here; says whether that was not so already.</summary>
    private bool Follow(string destination, bool isPaused)
    {
        if (!(isPaused ? _paused.Add(destination) : _paused.Remove(destination)))
            return false;

        foreach (var lane in _lanes[destination].Both)
        {
            if (isPaused)
                Pause(lane);
            else
                lane.Resume();
        }

        return true;
    }

    private void Pause(Lane lane)
    {
        foreach (var delivery in lane.Pause())
            GiveBack(lane, delivery);
    }

    private void GiveBack(Lane lane, Delivery delivery) => _store.Settle(new Settlement
    {
        Delivery = delivery,
        State = delivery.Attempts == 0 ? DeliveryState.Pending : DeliveryState.Retrying,
        DueAt = _steady.GetUtcNow(),
        Written = _onSettled,
    });

    // On the store's own thread.
    private void OnSettled(Settled settled)
    {
        var delivery = settled.Settlement.Delivery;
        var lanes = _lanes[delivery.Destination];
        var lane = lanes.Of(delivery);
        if (settled.Settlement.DueAt is { } due)
            lane.MarkDue(due);

        // What a bulk replay revived may have stood before live ones of its key.
        if (settled.FreedNext)
            lanes.Live.MarkBacklog();

        lane.Release(delivery.Event.Size);
        _feed.Settled(settled.Settlement);
    }
}

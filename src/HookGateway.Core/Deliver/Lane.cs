using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Store;
using Microsoft.Extensions.Logging;

namespace HookGateway.Deliver;

/// <summary>
/// One destination's deliveries in memory: a bounded queue (<see cref="LanePlaces"/>), and workers that run only while there is
/// something to send and the destination bears it (<see cref="AttemptGate"/>). What does not fit waits in the store, where
/// <see cref="LaneFeeder"/> leases it when there is room. Any thread; one short lock.
/// </summary>
internal sealed class Lane : IDisposable
{
    // What a busy gateway holds anyway is some hundred; what finds no place costs twice as much (docs/decisions/0003-lanes.md).
    private const int LeastPlaces = 1024;
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<Delivery> _ready = new();
    private readonly DestinationConfiguration _destination;
    private readonly Func<Lane, Delivery, Task<TimeSpan?>> _deliver;
    private readonly Action _roomOrWork;
    private readonly ILogger _logger;
    private readonly LanePlaces _places;
    private readonly AttemptGate _gate;

    private int _active;
    private TaskCompletionSource? _drained;

    /// <param name="destination">Whose lane it is.</param>
    /// <param name="deliver">Makes one attempt and settles it; gives how long to park where the breaker is open, and then has
    /// settled nothing. What it throws, it must throw before it settles.</param>
    /// <param name="memory">Shared by all lanes.</param>
    /// <param name="roomOrWork">Called when the feeder may have something to do.</param>
    /// <param name="time">For the timers that end parking and wait for the rate, and for what the destination bears.</param>
    /// <param name="logger">Told of parking and of faults.</param>
    /// <param name="shared">Where other gateways deliver to the destination as well: they share its rate.</param>
    /// <param name="live">Where it is the lane for bulk replays: the destination's other one, to which it yields the rate.</param>
    public Lane(
        DestinationConfiguration destination, Func<Lane, Delivery, Task<TimeSpan?>> deliver, LaneMemory memory,
        Action roomOrWork, TimeProvider time, ILogger logger, ISharedDestinations? shared = null, Lane? live = null)
    {
        _destination = destination;
        _deliver = deliver;
        _roomOrWork = roomOrWork;
        _logger = logger;
        _places = new LanePlaces(destination.Name, Math.Max(LeastPlaces, 4 * destination.Concurrency), memory, bulk: live is not null);
        _gate = new AttemptGate(destination, Unpark, GoOn, shared, time, live?._gate);
    }

    public DestinationConfiguration Destination => _destination;

    /// <summary>Attempts under way.</summary>
    public int ActiveWorkers
    {
        get
        {
            lock (_lock)
                return _active;
        }
    }

    /// <summary>How many attempts the destination is given at once now; see <see cref="ConcurrencyLimit"/>.</summary>
    public int Concurrency
    {
        get
        {
            lock (_lock)
                return _gate.Concurrency;
        }
    }

    /// <summary>Learns from an attempt that was made how many at once the destination bears.</summary>
    public void Learn(AttemptResult result, TimeSpan duration)
    {
        lock (_lock)
            _gate.Learn(result, duration, _active);
    }

    /// <summary>Keeps a place for a delivery that is about to be stored. Not while a backlog waits: it was there first.</summary>
    public bool TryReserve(int bytes)
    {
        lock (_lock)
            return !_gate.IsStopping && !_gate.IsPaused && _places.TryTake(bytes);
    }

    /// <summary>Gives back a place: its delivery was not stored, or its settlement is written.</summary>
    public void Release(int bytes)
    {
        bool feed;
        lock (_lock)
            feed = _places.Give(bytes);

        if (feed)
            _roomOrWork();
    }

    /// <summary>Takes in a delivery whose place was reserved.</summary>
    public void Enqueue(Delivery delivery)
    {
        lock (_lock)
        {
            _ready.Enqueue(delivery);
            StartWorkers();
        }
    }

    /// <summary>For <see cref="AnswersFirst"/>: a worker of the lane's starts here, with a delivery that it was given.</summary>
    public void Begin(Delivery first) => _ = WorkAsync(first);

    /// <summary>Something was stored that is due at once and leased to nobody.</summary>
    public void MarkBacklog()
    {
        lock (_lock)
            _places.MarkBacklog();

        _roomOrWork();
    }

    /// <summary>Something is due at <paramref name="due"/>.</summary>
    public void MarkDue(DateTimeOffset due)
    {
        bool isEarlier;
        lock (_lock)
            isEarlier = _places.MarkDue(due);

        if (isEarlier)
            _roomOrWork();
    }

    /// <summary>
    /// What to lease now, if anything. From here on, what is marked counts anew, so that nothing marked while the store is
    /// asked is missed.
    /// </summary>
    public LeaseRequest? WantsLease(DateTimeOffset now)
    {
        lock (_lock)
            return _gate.IsOpen ? _places.WantsLease(now) : null;
    }

    /// <summary>When the lane will want something that it does not want yet; <see langword="null"/>: not before it is marked.</summary>
    public DateTimeOffset? WantsLeaseAt()
    {
        lock (_lock)
            return _gate.IsOpen ? _places.WantsLeaseAt() : null;
    }

    /// <summary>Takes in what was leased.</summary>
    public void TakeIn(LeaseResult leased)
    {
        lock (_lock)
        {
            if (leased.More)
                _places.MarkBacklog();

            if (leased.NextDue is { } due)
                _places.MarkDue(due);

            foreach (var delivery in leased.Deliveries)
            {
                _places.Take(delivery.Event.Size);
                _ready.Enqueue(delivery);
            }

            StartWorkers();
        }
    }

    /// <summary>The destination's other lane, or another gateway, found that it answers: there is no more need to wait.</summary>
    public void EndParking()
    {
        lock (_lock)
        {
            if (!_gate.IsParked)
                return;
        }

        Unpark();
    }

    /// <summary>Starts no more attempts and leases nothing until <see cref="Resume"/>; those under way end as they do.</summary>
    /// <returns>What is leased and not begun, to be given back: a paused lane shall hold no memory that others need.</returns>
    public IReadOnlyList<Delivery> Pause()
    {
        lock (_lock)
            _gate.IsPaused = true;

        return TakeUnsent();
    }

    /// <summary>Goes on, with what waits in the store.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _gate.IsPaused = false;
            _places.MarkBacklog();
            StartWorkers();
        }

        _roomOrWork();
    }

    /// <summary>Starts no more attempts; completes when those under way have ended.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _gate.IsStopping = true;
            if (_active == 0)
                return Task.CompletedTask;

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>What waits in the lane, to be given back to the store.</summary>
    public IReadOnlyList<Delivery> TakeUnsent()
    {
        lock (_lock)
        {
            var unsent = _ready.ToArray();
            _ready.Clear();
            return unsent;
        }
    }

    public void Dispose() => _gate.Dispose();

    private void StartWorkers()
    {
        while (_active < _gate.Limit && TryTakeNext() is { } first)
        {
            _active++;
            if (!AnswersFirst.TryHold(this, first))
                ThreadPool.UnsafeQueueUserWorkItem(static work => work.Lane.Begin(work.First), (Lane: this, First: first), preferLocal: false);
        }
    }

    private Delivery? TryTakeNext() => _ready.Count > 0 && _gate.TryPass(_active, _ready.Count) ? _ready.Dequeue() : null;

    private async Task WorkAsync(Delivery delivery)
    {
        Delivery? next = delivery;
        while (next is not null)
        {
            TimeSpan? park;
            try
            {
                park = await _deliver(this, next).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // A fault of the gateway's own. It must not cost the lane a worker, nor the delivery its place. Without the
                // message, which may hold a URL.
                _logger.DeliverFault(_destination.Name, error.GetType().Name, error.StackTrace);
                park = AfterFault;
            }

            if (park is { } pause)
            {
                Park(next, pause);
                return;
            }

            next = Next();
        }
    }

    private Delivery? Next()
    {
        lock (_lock)
        {
            if (_active <= _gate.Limit && TryTakeNext() is { } next)
            {
                StartWorkers();
                return next;
            }

            EndWorker();
            return null;
        }
    }

    private void Park(Delivery unsent, TimeSpan pause)
    {
        lock (_lock)
        {
            _ready.Enqueue(unsent);
            if (_gate.TryPark(pause) && pause > TimeSpan.Zero)
                _logger.Parked(_destination.Name, pause);

            EndWorker();
        }
    }

    private void Unpark()
    {
        lock (_lock)
        {
            _gate.Unpark();
            StartWorkers();
        }

        _roomOrWork();
    }

    private void GoOn()
    {
        lock (_lock)
        {
            _gate.GoOn();
            StartWorkers();
        }
    }

    private void EndWorker()
    {
        _active--;
        if (_gate.IsStopping && _active == 0)
            _drained?.TrySetResult();
    }
}

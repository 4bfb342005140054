using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Store;
using Microsoft.Extensions.Logging;

namespace HookGateway.Deliver;

/// <summary>
/// One destination's deliveries in memory: a bounded queue, and at most <c>concurrency</c> workers that run only while there
/// is something to send and the destination bears it (<see cref="ConcurrencyLimit"/>, <see cref="AttemptRate"/>). What does
/// not fit waits in the store, where <see cref="LaneFeeder"/> leases it when there is room. A place in the lane is taken from
/// the reservation until the settlement is written, so what could not be settled yet counts too. Any thread; one short lock.
/// </summary>
internal sealed class Lane : IDisposable
{
    private const int LeastPlaces = 256;
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<Delivery> _ready = new();
    private readonly DestinationConfiguration _destination;
    private readonly Func<Lane, Delivery, Task<TimeSpan?>> _deliver;
    private readonly LaneMemory _memory;
    private readonly Action _roomOrWork;
    private readonly ILogger _logger;
    private readonly ITimer _unpark;
    private readonly ConcurrencyLimit _concurrency;
    private readonly AttemptRate? _rate;
    private readonly ITimer _pace;
    private readonly int _places;

    private int _held;
    private int _active;
    private bool _parked;
    private bool _paused;
    private bool _probing;
    private bool _pacing;
    private bool _backlog;
    private bool _stopping;
    private DateTimeOffset? _nextDue;
    private TaskCompletionSource? _drained;

    /// <param name="destination">Whose lane it is.</param>
    /// <param name="deliver">Makes one attempt and settles it; gives how long to park where the breaker is open, and then has
    /// settled nothing. What it throws, it must throw before it settles.</param>
    /// <param name="memory">Shared by all lanes.</param>
    /// <param name="roomOrWork">Called when the feeder may have something to do.</param>
    /// <param name="time">For the timers that end parking and wait for the rate, and for what the destination bears.</param>
    /// <param name="logger">Told of parking and of faults.</param>
    public Lane(
        DestinationConfiguration destination, Func<Lane, Delivery, Task<TimeSpan?>> deliver, LaneMemory memory,
        Action roomOrWork, TimeProvider time, ILogger logger)
    {
        _destination = destination;
        _deliver = deliver;
        _memory = memory;
        _roomOrWork = roomOrWork;
        _logger = logger;
        _concurrency = new ConcurrencyLimit(destination.Concurrency, time);
        _rate = destination.RateLimit is { } limit ? new AttemptRate(limit, time) : null;
        _places = Math.Max(LeastPlaces, 4 * destination.Concurrency);
        _unpark = time.CreateTimer(
            static lane => ((Lane)lane!).Unpark(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _pace = time.CreateTimer(
            static lane => ((Lane)lane!).GoOn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
                return _concurrency.Current;
        }
    }

    /// <summary>Learns from an attempt that was made how many at once the destination bears.</summary>
    public void Learn(AttemptResult result, TimeSpan duration)
    {
        lock (_lock)
            _concurrency.Ended(result, duration, isFull: _active >= _concurrency.Current);
    }

    /// <summary>Keeps a place for a delivery that is about to be stored. Not while a backlog waits: it was there first.</summary>
    public bool TryReserve(int bytes)
    {
        lock (_lock)
        {
            if (_stopping || _paused || _backlog || _held >= _places || !_memory.TryTake(bytes))
                return false;

            _held++;
            return true;
        }
    }

    /// <summary>Gives back a place: its delivery was not stored, or its settlement is written.</summary>
    public void Release(int bytes)
    {
        bool feed;
        lock (_lock)
        {
            _held--;
            feed = _memory.Give(bytes) || (_backlog && HasRoom);
        }

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

    /// <summary>Something was stored that is due at once and leased to nobody.</summary>
    public void MarkBacklog()
    {
        lock (_lock)
            _backlog = true;

        _roomOrWork();
    }

    /// <summary>Something is due at <paramref name="due"/>.</summary>
    public void MarkDue(DateTimeOffset due)
    {
        lock (_lock)
        {
            if (_nextDue <= due)
                return;

            _nextDue = due;
        }

        _roomOrWork();
    }

    /// <summary>
    /// What to lease now, if anything. From here on, what is marked counts anew, so that nothing marked while the store is
    /// asked is missed.
    /// </summary>
    public LeaseRequest? WantsLease(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!MayLease || !(_backlog || _nextDue <= now))
                return null;

            _backlog = false;
            _nextDue = null;
            return new LeaseRequest(_destination.Name, _places - _held, _memory.Free);
        }
    }

    /// <summary>When the lane will want something that it does not want yet; <see langword="null"/>: not before it is marked.</summary>
    public DateTimeOffset? WantsLeaseAt()
    {
        lock (_lock)
            return MayLease ? _nextDue : null;
    }

    /// <summary>Takes in what was leased.</summary>
    public void TakeIn(LeaseResult leased)
    {
        lock (_lock)
        {
            _backlog |= leased.More;
            if (leased.NextDue is { } due && !(_nextDue <= due))
                _nextDue = due;

            foreach (var delivery in leased.Deliveries)
            {
                _held++;
                _memory.Take(delivery.Event.Body.Length);
                _ready.Enqueue(delivery);
            }

            StartWorkers();
        }
    }

    /// <summary>Starts no more attempts and leases nothing until <see cref="Resume"/>; those under way end as they do.</summary>
    /// <returns>What is leased and not begun, to be given back: a paused lane shall hold no memory that others need.</returns>
    public IReadOnlyList<Delivery> Pause()
    {
        lock (_lock)
            _paused = true;

        return TakeUnsent();
    }

    /// <summary>Goes on, with what waits in the store.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _paused = false;
            _backlog = true;
            StartWorkers();
        }

        _roomOrWork();
    }

    /// <summary>Starts no more attempts; completes when those under way have ended.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _stopping = true;
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

    public void Dispose()
    {
        _unpark.Dispose();
        _pace.Dispose();
    }

    // A lane asks for more only when a quarter of it is free: small leases cost as much as large ones.
    private bool HasRoom => _places - _held >= _places / 4;

    // Every lane may hold one delivery, however scarce memory is.
    private bool MayLease => !_stopping && !_paused && !_parked && HasRoom && (_held == 0 || _memory.Free > 0);

    // After parking, one attempt goes ahead of the rest.
    private int Limit => _probing ? 1 : _concurrency.Current;

    private void StartWorkers()
    {
        while (_active < Limit && MayAttempt())
        {
            _active++;
            var first = _ready.Dequeue();
            ThreadPool.UnsafeQueueUserWorkItem(
                static work => _ = work.Lane.WorkAsync(work.First), (Lane: this, First: first), preferLocal: false);
        }
    }

    private async Task WorkAsync(Delivery delivery)
    {
        Delivery? next = delivery;
        while (next is not null)
        {
            var park = await TryDeliverAsync(next).ConfigureAwait(false);
            next = park is { } pause ? Park(next, pause) : Next();
        }
    }

    // An exception here is a fault of the gateway's own. It must not cost the lane a worker, nor the delivery its place.
    private async Task<TimeSpan?> TryDeliverAsync(Delivery delivery)
    {
        try
        {
            return await _deliver(this, delivery).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Without the message, which may hold a URL.
            _logger.DeliverFault(_destination.Name, error.GetType().Name, error.StackTrace);
            return AfterFault;
        }
    }

    private Delivery? Next()
    {
        lock (_lock)
        {
            // What was under way when the lane was parked ends, and leaves the probing to the one that comes after.
            if (_parked)
            {
                EndWorker();
                return null;
            }

            // The first attempt after parking went through the breaker: all workers may run again.
            _probing = false;
            if (_active <= Limit && MayAttempt())
            {
                var next = _ready.Dequeue();
                StartWorkers();
                return next;
            }

            EndWorker();
            return null;
        }
    }

    /// <summary>Whether there is something to attempt and the rate allows it; where it does not, a timer goes on later.</summary>
    private bool MayAttempt()
    {
        if (_stopping || _paused || _parked || _pacing || _ready.Count == 0)
            return false;

        var wait = _rate?.Take() ?? TimeSpan.Zero;
        if (wait == TimeSpan.Zero)
            return true;

        // Timers count whole milliseconds; one that rang early would find no token yet.
        _pacing = true;
        _pace.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        return false;
    }

    private void GoOn()
    {
        lock (_lock)
        {
            _pacing = false;
            StartWorkers();
        }
    }

    private Delivery? Park(Delivery unsent, TimeSpan pause)
    {
        lock (_lock)
        {
            _ready.Enqueue(unsent);
            if (!_parked && !_stopping)
            {
                _parked = true;
                _probing = true;
                if (pause > TimeSpan.Zero)
                    _logger.Parked(_destination.Name, pause);

                _unpark.Change(pause > TimeSpan.FromMilliseconds(1) ? pause : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            }

            EndWorker();
            return null;
        }
    }

    private void Unpark()
    {
        lock (_lock)
        {
            _parked = false;
            StartWorkers();
        }

        _roomOrWork();
    }

    private void EndWorker()
    {
        _active--;
        if (_stopping && _active == 0)
            _drained?.TrySetResult();
    }
}

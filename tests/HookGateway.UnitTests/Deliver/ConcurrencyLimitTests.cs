using HookGateway.Deliver;
using HookGateway.Events;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

/// <summary>The limit before a simulated downstream, under more demand than it can serve.</summary>
public sealed class ConcurrencyLimitTests
{
    private static readonly AttemptResult Good = new(200, DeliveryError.None, null, null);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(16, 4, 429)]
    [InlineData(16, 4, 503)]
    [InlineData(16, 1, 429)]
    [InlineData(16, 15, 429)]
    [InlineData(64, 10, 429)]
    [InlineData(1024, 100, 503)]
    public void Current_DownstreamRefusesBeyondItsCapacity_FindsIt(int most, int capacity, int status)
    {
        var downstream = new Simulation(new ConcurrencyLimit(most, _time), _time) { Capacity = capacity, RefusalStatus = status };
        downstream.Run(TimeSpan.FromSeconds(20));
        downstream.Forget();

        downstream.Run(TimeSpan.FromMinutes(2));

        Assert.InRange(downstream.Refused / (double)downstream.Ended, 0, 0.01);
        Assert.InRange(downstream.MeanUnderWay, Math.Max(0.9, capacity * 0.7), capacity + 1);
    }

    [Fact]
    public void Current_DownstreamHasRoomAgain_ComesBackToTheMost()
    {
        var limit = new ConcurrencyLimit(16, _time);
        var downstream = new Simulation(limit, _time) { Capacity = 2 };
        downstream.Run(TimeSpan.FromSeconds(30));
        Assert.InRange(limit.Current, 1, 3);

        downstream.Capacity = 100;
        downstream.Run(TimeSpan.FromSeconds(30));

        Assert.Equal(16, limit.Current);
    }

    [Fact]
    public void Current_DownstreamSlows_BacksOffByThreeQuartersAtMostAndComesBack()
    {
        var limit = new ConcurrencyLimit(16, _time);
        var downstream = new Simulation(limit, _time);
        downstream.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(16, limit.Current);

        downstream.Latency = TimeSpan.FromMilliseconds(500);
        downstream.Run(TimeSpan.FromSeconds(8));
        Assert.Equal(4, limit.Current);

        downstream.Latency = TimeSpan.FromMilliseconds(20);
        downstream.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(16, limit.Current);
    }

    [Fact]
    public void Current_DownstreamStaysSlow_TakesThatForUsualInTheEnd()
    {
        var limit = new ConcurrencyLimit(16, _time);
        var downstream = new Simulation(limit, _time);
        downstream.Run(TimeSpan.FromSeconds(5));

        downstream.Latency = TimeSpan.FromMilliseconds(500);
        downstream.Run(TimeSpan.FromMinutes(3));

        Assert.Equal(16, limit.Current);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    [InlineData(5000)]
    public void Current_DownstreamSlowOrUnevenByNature_IsTheMost(int milliseconds)
    {
        var limit = new ConcurrencyLimit(16, _time);
        var downstream = new Simulation(limit, _time) { Latency = TimeSpan.FromMilliseconds(milliseconds), IsUneven = true };

        downstream.Run(TimeSpan.FromSeconds(1 + milliseconds));
        downstream.Forget();
        downstream.Run(TimeSpan.FromSeconds(1 + milliseconds));

        Assert.InRange(downstream.MeanUnderWay, 15, 16);
    }

    [Fact]
    public void Ended_ManyRefusedThatBeganTogether_CountOnce()
    {
        var limit = new ConcurrencyLimit(16, _time);
        _time.Advance(TimeSpan.FromMilliseconds(30));
        for (var i = 0; i < 16; i++)
            limit.Ended(Refused(429), TimeSpan.FromMilliseconds(30), isFull: true);

        Assert.Equal(12, limit.Current);
    }

    [Theory]
    [InlineData(400, DeliveryError.Status)]
    [InlineData(500, DeliveryError.Status)]
    [InlineData(null, DeliveryError.Connect)]
    public void Ended_FailedOtherwise_LeavesItToTheBreaker(int? status, DeliveryError error)
    {
        var limit = new ConcurrencyLimit(16, _time);

        limit.Ended(new AttemptResult(status, error, null, null), TimeSpan.FromSeconds(1), isFull: true);

        Assert.Equal(16, limit.Current);
    }

    [Fact]
    public void Ended_WithoutAnAnswerInTime_IsOverload()
    {
        var limit = new ConcurrencyLimit(16, _time);

        limit.Ended(new AttemptResult(null, DeliveryError.Timeout, null, null), TimeSpan.FromSeconds(10), isFull: true);

        Assert.Equal(12, limit.Current);
    }

    [Fact]
    public void Ended_WellWhileFewAreUnderWay_SaysNothing()
    {
        var limit = new ConcurrencyLimit(16, _time);
        limit.Ended(Refused(503), TimeSpan.Zero, isFull: true);
        _time.Advance(ConcurrencyLimit.UntilMoreIsTried);
        for (var i = 0; i < 100; i++)
            limit.Ended(Good, TimeSpan.Zero, isFull: false);

        Assert.Equal(12, limit.Current);
    }

    private static AttemptResult Refused(int status) => new(status, DeliveryError.Status, null, null);

    /// <summary>A downstream, and a sender that always has as many under way as it may.</summary>
    private sealed class Simulation(ConcurrencyLimit limit, FakeTimeProvider time)
    {
        private readonly PriorityQueue<(DateTimeOffset Began, AttemptResult Result), DateTimeOffset> _underWay = new();
        private readonly Random _random = new(11);
        private int _served;
        private double _area;
        private double _elapsed;

        public int Capacity { get; set; } = int.MaxValue;

        public int RefusalStatus { get; init; } = 429;

        public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(20);

        public bool IsUneven { get; init; }

        public int Ended { get; private set; }

        public int Refused { get; private set; }

        public double MeanUnderWay => _area / _elapsed;

        public void Forget() => (Ended, Refused, _area, _elapsed) = (0, 0, 0, 0);

        public void Run(TimeSpan duration)
        {
            var end = time.GetUtcNow() + duration;
            while (time.GetUtcNow() < end)
            {
                while (_underWay.Count < limit.Current)
                    Begin();

                var isFull = _underWay.Count >= limit.Current;
                _underWay.TryDequeue(out var attempt, out var at);
                var step = at > time.GetUtcNow() ? at - time.GetUtcNow() : TimeSpan.Zero;
                _area += (_underWay.Count + 1) * step.TotalSeconds;
                _elapsed += step.TotalSeconds;
                time.Advance(step);
                End(attempt.Result, time.GetUtcNow() - attempt.Began, isFull);
            }
        }

        private void Begin()
        {
            var now = time.GetUtcNow();
            if (_served >= Capacity)
            {
                _underWay.Enqueue((now, ConcurrencyLimitTests.Refused(RefusalStatus)), now + TimeSpan.FromMilliseconds(1));
                return;
            }

            _served++;
            _underWay.Enqueue((now, Good), now + (IsUneven ? Latency * (0.25 + (1.5 * _random.NextDouble())) : Latency));
        }

        private void End(AttemptResult result, TimeSpan took, bool isFull)
        {
            Ended++;
            if (result.Succeeded)
                _served--;
            else
                Refused++;

            limit.Ended(result, took, isFull);
        }
    }
}

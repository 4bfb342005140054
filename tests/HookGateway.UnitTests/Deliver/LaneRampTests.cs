using System.Collections.Concurrent;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

/// <summary>A destination that was left alone is met by one attempt, then two, then four, and not by all that waits.</summary>
public sealed class LaneRampTests : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private static readonly AttemptResult Taken = new(200, DeliveryError.None, null, null);
    private static readonly AttemptResult Refused = new(500, DeliveryError.Status, null, null);

    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<TaskCompletionSource<TimeSpan?>> _underWay = new();
    private readonly Lane _lane;

    public LaneRampTests() => _lane = new Lane(
        new DestinationConfiguration { Name = "d", Url = new Uri("http://d/"), Concurrency = 8 },
        (_, _) =>
        {
            var attempt = new TaskCompletionSource<TimeSpan?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _underWay.Enqueue(attempt);
            return attempt.Task;
        },
        new LaneMemory(1_000_000), () => { }, _time, NullLogger.Instance);

    public void Dispose() => _lane.Dispose();

    [Fact]
    public async Task Learn_ProbeAndWhatFollowsWentWell_DoublesARoundUpToTheConcurrency()
    {
        await ParkedWithAsync(40);

        foreach (var round in (int[])[1, 2, 4, 8, 8])
        {
            await UnderWayAsync(round);
            for (var i = 0; i < round; i++)
                End(Taken);
        }
    }

    [Fact]
    public async Task Learn_HalfARoundWentWell_IsNotDoubledYet()
    {
        await ParkedWithAsync(40);
        await UnderWayAsync(1);
        End(Taken);
        await UnderWayAsync(2);

        End(Taken);

        await UnderWayAsync(2);
    }

    [Fact]
    public async Task Learn_FailsDuringTheRamp_GoesOnFromThereWithoutDoubling()
    {
        await ParkedWithAsync(40);
        await UnderWayAsync(1);
        End(Taken);
        await UnderWayAsync(2);

        End(Refused);
        await UnderWayAsync(2);
        Assert.Equal(2, _lane.Concurrency);
        End(Taken);
        End(Taken);
        await UnderWayAsync(2);

        // From here on it is the concurrency that grows, by one a round.
        End(Taken);
        await UnderWayAsync(3);
    }

    [Fact]
    public async Task Learn_ProbeFails_KeepsToOneAndForgetsNoConcurrency()
    {
        await ParkedWithAsync(40);
        await UnderWayAsync(1);

        End(Refused);

        await UnderWayAsync(1);
        Assert.Equal(8, _lane.Concurrency);
    }

    [Fact]
    public async Task Learn_BegunBeforeParking_SaysNothingAboutTheRamp()
    {
        Enqueue(2);
        await UnderWayAsync(2);
        await ParkAsync();
        Enqueue(10);
        _time.Advance(Pause);
        await UnderWayAsync(1);

        End(Taken, took: Pause);

        await UnderWayAsync(1);
    }

    private async Task ParkedWithAsync(int waiting)
    {
        Enqueue(1);
        await UnderWayAsync(1);
        await ParkAsync();
        Enqueue(waiting);
        _time.Advance(Pause);
    }

    private void Enqueue(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(_lane.TryReserve(10));
            _lane.Enqueue(LaneTests.NewDelivery());
        }
    }

    private Task ParkAsync()
    {
        Assert.True(_underWay.TryDequeue(out var attempt));
        attempt.SetResult(Pause);
        return UnderWayAsync(_underWay.Count);
    }

    private void End(AttemptResult result, TimeSpan took = default)
    {
        Assert.True(_underWay.TryDequeue(out var attempt));
        _lane.Learn(result, took);
        attempt.SetResult(null);
    }

    /// <summary>Until exactly so many are under way. A worker that ends takes the next one itself, or is gone.</summary>
    private Task UnderWayAsync(int count) =>
        Wait.UntilAsync(() => _underWay.Count == count && _lane.ActiveWorkers == count, $"{count} attempts under way");
}

using HookGateway.Store;
using Microsoft.Extensions.Logging;

namespace HookGateway.Deliver;

/// <summary>
/// Brings what is due from the store into the lanes that have room: one loop, one timer and one lease call for all lanes.
/// </summary>
internal sealed class LaneFeeder(IReadOnlyList<Lane> lanes, IEventStore store, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    // A timer cannot wait longer than 49 days; a clock that was set forward is noticed within a minute.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly WakeUp _signal = new(isSet: true);

    /// <summary>A lane has room or something to lease. Cheap, any thread.</summary>
    public void Signal() => _signal.Set();

    public void Dispose() => _signal.Dispose();

    public async Task RunAsync(CancellationToken stopping)
    {
        using var alarm = time.CreateTimer(
            static feeder => ((LaneFeeder)feeder!).Signal(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (!stopping.IsCancellationRequested)
        {
            var (wanting, requests) = Collect(time.GetUtcNow());
            if (requests.Count == 0)
            {
                alarm.Change(UntilNextDue(), Timeout.InfiniteTimeSpan);
                await _signal.WaitAsync(stopping).ConfigureAwait(false);
                continue;
            }

            try
            {
                await LeaseAsync(wanting, requests, stopping).ConfigureAwait(false);
            }
            catch (Exception error) when (!stopping.IsCancellationRequested)
            {
                // Whatever it is: a feeder that ended would leave every retry in the store until the next start.
                logger.LeaseFailed(error.Message);
                await LeaseOneByOneAsync(wanting, requests, stopping).ConfigureAwait(false);
                await Task.Delay(AfterFailure, time, stopping).ConfigureAwait(false);
            }
        }
    }

    private async Task LeaseAsync(List<Lane> wanting, List<LeaseRequest> requests, CancellationToken stopping)
    {
        var results = await store.LeaseAsync(requests, stopping).ConfigureAwait(false);
        for (var i = 0; i < wanting.Count; i++)
            wanting[i].TakeIn(results[i]);
    }

    /// <summary>An event that the store cannot read, on a damaged page, keeps its own lane waiting and no other.</summary>
    private async Task LeaseOneByOneAsync(List<Lane> wanting, List<LeaseRequest> requests, CancellationToken stopping)
    {
        for (var i = 0; i < wanting.Count; i++)
        {
            try
            {
                if (wanting.Count > 1)
                    await LeaseAsync([wanting[i]], [requests[i]], stopping).ConfigureAwait(false);
                else
                    wanting[i].MarkBacklog();
            }
            catch (Exception) when (!stopping.IsCancellationRequested)
            {
                // Told already, for all of them.
                wanting[i].MarkBacklog();
            }
        }
    }

    private (List<Lane> Wanting, List<LeaseRequest> Requests) Collect(DateTimeOffset now)
    {
        List<Lane> wanting = [];
        List<LeaseRequest> requests = [];
        foreach (var lane in lanes)
        {
            if (lane.WantsLease(now) is { } request)
            {
                wanting.Add(lane);
                requests.Add(request);
            }
        }

        // What is free is shared out: were each lane to lease all of it, many destinations would hold a multiple.
        for (var i = 0; i < requests.Count; i++)
            requests[i] = requests[i] with { MaxBytes = requests[i].MaxBytes / requests.Count };

        return (wanting, requests);
    }

    private TimeSpan UntilNextDue()
    {
        var wait = LongestWait;
        var now = time.GetUtcNow();
        foreach (var lane in lanes)
        {
            if (lane.WantsLeaseAt() is { } due && due - now < wait)
                wait = due - now;
        }

        return wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1);
    }
}

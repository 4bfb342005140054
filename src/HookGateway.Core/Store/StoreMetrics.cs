using System.Diagnostics.Metrics;

namespace HookGateway.Store;

/// <summary>What every engine measures. The meter's name is the gateway's own, so that whoever listens to that hears this as well.</summary>
internal static class StoreMetrics
{
    private static readonly Meter Meter = new("HookGateway");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "hookgateway.store.commit.duration",
        "s",
        "How long a commit took, until the engine had promised to keep it.",
        tags: null,
        new InstrumentAdvice<double>
        {
            // From a fast disk's fsync to one that hangs; the default boundaries are meant for milliseconds.
            HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>(
        "hookgateway.store.batch.size", "{event}", "How many events shared a commit.");

    /// <summary>Measures a commit that succeeds.</summary>
    public static void Measure(TimeProvider time, int events, Action commit)
    {
        var start = time.GetTimestamp();
        commit();
        Record(time.GetElapsedTime(start), events);
    }

    /// <summary>A commit that succeeded.</summary>
    /// <param name="took">How long.</param>
    /// <param name="events">How many new events are in it.</param>
    public static void Record(TimeSpan took, int events)
    {
        Duration.Record(took.TotalSeconds);
        if (events > 0)
            BatchSize.Record(events);
    }
}

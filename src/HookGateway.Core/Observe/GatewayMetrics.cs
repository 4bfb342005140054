using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace HookGateway.Observe;

/// <summary>The gateway's instruments; their names are part of the contract, their units are seconds and counts.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    /// <summary>The name under which OpenTelemetry finds the instruments.</summary>
    public const string MeterName = "HookGateway";

    // From 100 µs (a commit on a fast disk) to a minute (a slow downstream).
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries =
            [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    // Lag reaches from milliseconds to the days that retries may take.
    private static readonly InstrumentAdvice<double> LagSeconds = new()
    {
        HistogramBucketBoundaries =
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21600, 86400],
    };

    private readonly Meter _meter;
    private readonly Tally<(string Source, string Event, string Outcome)> _events = new(static key =>
    [
        new("hookgateway.source", key.Source), new("hookgateway.event", key.Event), new("hookgateway.outcome", key.Outcome),
    ]);
    private readonly Tally<(string Source, int Secret)> _secretVerified = new(static key =>
        [new("hookgateway.source", key.Source), new("hookgateway.secret", key.Secret)]);
    private readonly Tally<(string Destination, string Outcome)> _deliveries = new(static key =>
        [new("hookgateway.destination", key.Destination), new("hookgateway.outcome", key.Outcome)]);
    private readonly Counter<long> _rejected;
    private readonly Histogram<double> _acceptDuration;
    private readonly Histogram<double> _deliveryDuration;
    private readonly Histogram<double> _deliveryLag;
    private readonly Counter<long> _merged;
    private readonly Counter<long> _superseded;
    private readonly Counter<long> _reconciled;
    private readonly Counter<long> _reconciliations;
    private readonly Gauge<long> _unaccounted;
    private readonly EventNames _names = new();

    public GatewayMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableCounter("hookgateway.events", _events.Read, "{event}", "Requests by source, event and outcome.");
        _rejected = _meter.CreateCounter<long>("hookgateway.rejected", "{request}", "Requests refused by Verify, by reason.");
        _meter.CreateObservableCounter(
            "hookgateway.secret.verified", _secretVerified.Read, "{request}",
            "Requests by the position of the secret that verified them, from 0.");
        _acceptDuration = _meter.CreateHistogram(
            "hookgateway.accept.duration", "s", "From a request's arrival to its answer.", advice: Seconds);
        _meter.CreateObservableCounter("hookgateway.deliveries", _deliveries.Read, "{attempt}", "Attempts by destination and outcome.");
        _deliveryDuration = _meter.CreateHistogram("hookgateway.delivery.duration", "s", "One attempt.", advice: Seconds);
        _deliveryLag = _meter.CreateHistogram(
            "hookgateway.delivery.lag", "s", "From an event's receipt to its delivery.", advice: LagSeconds);
        _merged = _meter.CreateCounter<long>(
            "hookgateway.merged", "{event}", "Events that the gateway made of several that it had held, by source.");
        _superseded = _meter.CreateCounter<long>(
            "hookgateway.superseded", "{event}", "Events in whose place another went out, by source.");
        _reconciled = _meter.CreateCounter<long>(
            "hookgateway.reconcile.found", "{event}", "Changes of which no webhook had come, by source.");
        _reconciliations = _meter.CreateCounter<long>(
            "hookgateway.reconcile.runs", "{run}", "Listings of a sender's API, by source and outcome: done, failed.");
        _unaccounted = _meter.CreateGauge<long>(
            "hookgateway.unaccounted", description: "By how much the books did not balance at the last audit: 0, or an alarm.");
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>A request was answered: accepted, duplicate, captured, rejected, malformed, unavailable, limited.</summary>
    public void Received(string source, string? eventName, string outcome, TimeSpan duration)
    {
        _events.Add((source, _names.Bounded(source, eventName), outcome));
        _acceptDuration.Record(duration.TotalSeconds, new TagList
        {
            { "hookgateway.source", source },
            { "hookgateway.outcome", outcome },
        });
    }

    /// <summary>Verify refused a request.</summary>
    public void Rejected(string source, string reason) => _rejected.Add(
        1, new("hookgateway.source", source), new("hookgateway.reason", reason));

    /// <summary>A request was verified by the secret at this position: one that nobody signs with any more can go.</summary>
    public void Verified(string source, int secret) => _secretVerified.Add((source, secret));

    /// <summary>An attempt ended: delivered, retrying or dead.</summary>
    public void Attempted(string destination, string outcome, TimeSpan duration)
    {
        _deliveries.Add((destination, outcome));
        _deliveryDuration.Record(
            duration.TotalSeconds, new("hookgateway.destination", destination), new("hookgateway.outcome", outcome));
    }

    /// <summary>An event reached a destination.</summary>
    public void Delivered(string destination, TimeSpan lag) => _deliveryLag.Record(
        lag.TotalSeconds, new KeyValuePair<string, object?>("hookgateway.destination", destination));

    /// <summary>One event was made of several that were held.</summary>
    public void Merged(string source) => _merged.Add(1, new KeyValuePair<string, object?>("hookgateway.source", source));

    /// <summary>Another event went out in place of so many.</summary>
    public void Superseded(string source, int count) =>
        _superseded.Add(count, new KeyValuePair<string, object?>("hookgateway.source", source));

    /// <summary>Gauges how many events of each source are held, read when metrics are collected.</summary>
    public void WatchHeld(Func<IEnumerable<(string Source, long Count)>> read) => _meter.CreateObservableGauge(
        "hookgateway.held",
        () => read().Select(held => new Measurement<long>(held.Count, new KeyValuePair<string, object?>("hookgateway.source", held.Source))),
        "{event}", "Events that wait to be joined with others of their key.");

    /// <summary>So many changes were found of which no webhook had come.</summary>
    public void Reconciled(string source, int found) =>
        _reconciled.Add(found, new KeyValuePair<string, object?>("hookgateway.source", source));

    /// <summary>A sender's API was listed to the end, or could not be.</summary>
    public void ReconcileEnded(string source, bool done) => _reconciliations.Add(
        1, new("hookgateway.source", source), new("hookgateway.outcome", done ? "done" : "failed"));

    /// <summary>Gauges since when no listing of a source's API was done, read when metrics are collected.</summary>
    public void WatchReconciled(Func<IEnumerable<(string Source, TimeSpan Age)>> read) => _meter.CreateObservableGauge(
        "hookgateway.reconcile.age",
        () => read().Select(one => new Measurement<double>(
            one.Age.TotalSeconds, new KeyValuePair<string, object?>("hookgateway.source", one.Source))),
        "s", "How long ago the last listing of a sender's API was done.");

    /// <summary>The books were audited: the sum of all differences.</summary>
    public void Audited(long unaccounted) => _unaccounted.Record(unaccounted);

    /// <summary>Gauges a destination, read when metrics are collected: owed, since when, dead, breaker, concurrency.</summary>
    public void Watch(Func<IEnumerable<DestinationGauges>> read)
    {
        static IEnumerable<Measurement<T>> Of<T>(
            Func<IEnumerable<DestinationGauges>> read, Func<DestinationGauges, T> value) where T : struct =>
            read().Select(gauges => new Measurement<T>(
                value(gauges), new KeyValuePair<string, object?>("hookgateway.destination", gauges.Destination)));

        _meter.CreateObservableGauge(
            "hookgateway.pending", () => Of(read, gauges => gauges.Pending), "{delivery}", "Deliveries owed and not ended.");
        _meter.CreateObservableGauge(
            "hookgateway.pending.oldest_age", () => Of(read, gauges => gauges.OldestAge.TotalSeconds), "s",
            "How long the oldest of them has waited.");
        _meter.CreateObservableGauge(
            "hookgateway.dead", () => Of(read, gauges => gauges.Dead), "{delivery}", "Deliveries given up and kept.");
        _meter.CreateObservableGauge(
            "hookgateway.breaker.state", () => Of(read, gauges => gauges.Breaker), description: "0 closed, 1 half open, 2 open.");
        _meter.CreateObservableGauge(
            "hookgateway.concurrency", () => Of(read, gauges => gauges.Concurrency), "{attempt}",
            "How many attempts the destination is given at once: what it is found to bear.");
    }
}

/// <summary>What a destination's gauges show.</summary>
internal readonly record struct DestinationGauges(
    string Destination, long Pending, TimeSpan OldestAge, long Dead, int Breaker, int Concurrency);

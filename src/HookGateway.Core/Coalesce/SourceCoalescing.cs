using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Route;

namespace HookGateway.Coalesce;

/// <summary>
/// How a source's events of one key are held against each other: its <c>coalesce</c>, and what its <c>reconcile</c> means for webhooks
/// that come late. Compiled.
/// </summary>
internal sealed class SourceCoalescing(CoalesceConfiguration? coalesce, TimeSpan window, ReconcileConfiguration? reconcile = null)
{
    private readonly Glob[] _events = [.. (coalesce?.Events ?? []).Select(pattern => new Glob(pattern))];
    private readonly UpdateList _updates = new(coalesce?.Updates ?? new UpdatesConfiguration());

    /// <summary>Of a source; <see langword="null"/> where it neither coalesces nor reconciles.</summary>
    public static SourceCoalescing? Of(SourceConfiguration source) => source.Coalesce is null && source.Reconcile is null
        ? null
        : new SourceCoalescing(source.Coalesce, source.Dedupe.Window, source.Reconcile);

    /// <summary>Whether any event is held; else each goes its own way, unless it is late.</summary>
    public bool Holds => coalesce is not null;

    public MergeRules Rules { get; } = MakeRules(coalesce, window, reconcile);

    /// <summary>What an event means for what is known of its key.</summary>
    /// <param name="webhookEvent">The event.</param>
    /// <param name="isComplete">Whether <c>coalesce.complete</c> gives a value.</param>
    /// <param name="now">The time that due times are compared with.</param>
    public Incoming Read(WebhookEvent webhookEvent, bool isComplete, DateTimeOffset now)
    {
        var joins = Array.Exists(_events, glob => glob.Matches(webhookEvent.Name));
        var changes = joins || reconcile is not null ? _updates.Read(webhookEvent.Body.Span) : null;
        if (!joins || changes is null)
            return new Incoming(IncomingKind.Passing, now, changes ?? []);

        var kind = isComplete ? IncomingKind.Complete : IncomingKind.Incremental;
        return new Incoming(kind, now, changes, _updates.Path, webhookEvent.Trace.ToTraceParent());
    }

    /// <summary>
    /// Whether an event can be of a record that was found before. Most cannot, which spares them the look into the store: nothing is
    /// made of a change that is younger than <c>reconcile.grace</c>.
    /// </summary>
    public bool MayBeLate(WebhookEvent received) =>
        reconcile is not null && _updates.Read(received.Body.Span) is { Count: > 0 } changes
        && changes.Max(change => change.Timestamp) <= (received.ReceivedAt - reconcile.Grace - reconcile.Tolerance).UtcTicks;

    private static MergeRules MakeRules(CoalesceConfiguration? coalesce, TimeSpan window, ReconcileConfiguration? reconcile)
    {
        var rules = new MergeRules(coalesce?.Quiet ?? TimeSpan.Zero, coalesce?.Max ?? TimeSpan.Zero, window);
        return reconcile is null
            ? rules
            : rules with { Tolerance = reconcile.Tolerance, Ahead = reconcile.Overlap, Compares = reconcile.Compare.Count > 0 };
    }
}

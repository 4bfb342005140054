using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Route;
using HookGateway.Store;
using Microsoft.Extensions.Logging;

namespace HookGateway.Coalesce;

/// <summary>
/// Turns what <see cref="Merge"/> decides into a step for the store, and tells what came of it. Whoever changes a key takes its
/// turn first (<see cref="Turns"/>), and where the store finds that the key has changed nevertheless, decides anew.
/// </summary>
internal sealed class Coalescer
{
    /// <summary>How often it is decided anew before it counts as failed.</summary>
    public const int MostTries = 20;

    // What is held of a source that is not configured so any more still goes out.
    private static readonly MergeRules OfNoSource = new(TimeSpan.Zero, TimeSpan.Zero, new DedupeConfiguration().Window);

    private readonly Dictionary<string, MergeRules> _rules;
    private readonly Dictionary<string, string[]> _destinations;
    private readonly RouteTable _routes;
    private readonly IEventStore _store;
    private readonly Lanes _lanes;
    private readonly GatewayMetrics _metrics;
    private readonly EventFeed _feed;
    private readonly SteadyTimeProvider _time;
    private readonly ILogger<Coalescer> _logger;

    public Coalescer(
        GatewayConfiguration configuration, RouteTable routes, IEventStore store, Lanes lanes, GatewayMetrics metrics, EventFeed feed,
        SteadyTimeProvider time, ILogger<Coalescer> logger)
    {
        (_routes, _store, _lanes, _metrics, _feed, _time, _logger) = (routes, store, lanes, metrics, feed, time, logger);
        _rules = configuration.Sources.Where(source => source.Coalesce is not null).ToDictionary(
            source => source.Name, source => SourceCoalescing.Of(source)!.Rules);
        _destinations = _rules.Keys.ToDictionary(
            source => source,
            source => configuration.Routes.Where(route => route.Source == source).SelectMany(route => route.To).Distinct().ToArray());
    }

    /// <summary>The turns of the keys.</summary>
    public KeyTurns Turns { get; } = new();

    /// <summary>The sources that hold events.</summary>
    public IReadOnlyCollection<string> Sources => _rules.Keys;

    /// <summary>Where the events of a source can go.</summary>
    public IReadOnlyList<string> DestinationsOf(string source) => _destinations[source];

    /// <summary>Decides what becomes of an event of a key, and of what is held of that.</summary>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    public async Task<CoalesceDecision> DecideAsync(SourceCoalescing source, WebhookEvent received, bool isComplete)
    {
        var (known, state) = await FindAsync(received.Source, received.Key!, CancellationToken.None).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        var incoming = source.Read(received, isComplete, now) with { GoesFurther = GoesFurther(received, state.Found) };
        var plan = Merge.Take(state, incoming, source.Rules);
        return await DecideAsync(received.Source, received.Key!, known, plan, received, source.Rules, now).ConfigureAwait(false);
    }

    /// <summary>Decides whether an event that is not held comes late: another was made of what it tells, and went where it would.</summary>
    /// <returns><see langword="null"/>: it goes its own way.</returns>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    public async Task<CoalesceDecision?> DecideLateAsync(SourceCoalescing source, WebhookEvent received)
    {
        var decision = await DecideAsync(source, received, isComplete: false).ConfigureAwait(false);
        return decision.Step.SupersededBy is null ? null : decision;
    }

    /// <summary>Decides what becomes of an event that the gateway made of a record, and of what is held of that.</summary>
    /// <param name="source">The record's.</param>
    /// <param name="made">The event, which goes somewhere.</param>
    /// <param name="time">When the record was last changed.</param>
    /// <returns>
    /// <see langword="null"/>: a later change went out, and what this event has beside that is found with it (<see cref="MergeRules.Compares"/>).
    /// </returns>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    public async Task<CoalesceDecision?> DecideFoundAsync(SourceCoalescing source, WebhookEvent made, DateTimeOffset time)
    {
        var (known, state) = await FindAsync(made.Source, made.Key!, CancellationToken.None).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        var plan = Merge.TakeFound(state, time.UtcTicks, Route(made).Destinations, now, source.Rules);
        if (source.Rules.Compares && plan.Event is EventPlan.IsSuperseded { By: var by } && by != state.Found?.Number)
            return null;

        return await DecideAsync(made.Source, made.Key!, known, plan, made, source.Rules, now).ConfigureAwait(false);
    }

    /// <summary>Releases what is held of a key, if that is still due.</summary>
    /// <exception cref="StoreException">The store cannot be read or written now.</exception>
    public async Task ReleaseAsync(HeldKey key, DateTimeOffset dueBy, CancellationToken cancellationToken)
    {
        var turn = await Turns.TakeAsync(key.Source, key.Key, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        try
        {
            if (await DecideReleaseAsync(key, dueBy, cancellationToken).ConfigureAwait(false) is { } decision)
                await WriteAsync(decision, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn?.Release();
        }
    }

    /// <summary>A decision was written: what it made due is delivered, and it is told.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="released">The event that went out of what was held, with its id.</param>
    public void Done(CoalesceDecision decision, WebhookEvent? released)
    {
        if (decision.Superseded > 0)
            _metrics.Superseded(decision.Step.Source, decision.Superseded);

        if (released is null || decision.Release is not { } to)
            return;

        Deliver(to);
        if (released.Origin == EventOrigin.Coalesce)
            _metrics.Merged(released.Source);

        _feed.Released(released, to.Disposition, to.Destinations);
        _logger.Released(released.Id, released.Name, released.Source, decision.Superseded);
        _logger.WhereFailed(released, to.Faults);
    }

    private async Task WriteAsync(CoalesceDecision decision, CancellationToken cancellationToken)
    {
        try
        {
            // A conflict: an event came, by way of another gateway. What is due then is looked for again.
            if (await _store.ReleaseHeldAsync(decision.Step, cancellationToken).ConfigureAwait(false) is { } released)
                Done(decision, released);
        }
        catch
        {
            // Nobody knows whether it was written: it may be, and due.
            Deliver(decision.Release);
            throw;
        }
    }

    private void Deliver(RouteDecision? to)
    {
        foreach (var destination in to?.Destinations ?? [])
            _lanes.MarkBacklog(destination);
    }

    private async Task<CoalesceDecision?> DecideReleaseAsync(HeldKey key, DateTimeOffset dueBy, CancellationToken cancellationToken)
    {
        var (known, state) = await FindAsync(key.Source, key.Key, cancellationToken).ConfigureAwait(false);
        var rules = _rules.GetValueOrDefault(key.Source, OfNoSource);
        var now = _time.GetUtcNow();
        return known?.ReleaseAt <= dueBy && Merge.ReleaseAll(state, now, rules) is { } plan
            ? await DecideAsync(key.Source, key.Key, known, plan, null, rules, now).ConfigureAwait(false)
            : null;
    }

    private async Task<(CoalescedKey? Known, KeyState State)> FindAsync(string source, string key, CancellationToken cancellationToken)
    {
        var known = await _store.FindCoalescedAsync(source, key, cancellationToken).ConfigureAwait(false);
        return (known, known is null ? KeyState.Empty : KeyStateJson.Read(known.State.Span));
    }

    private async Task<CoalesceDecision> DecideAsync(
        string source, string key, CoalescedKey? known, MergePlan plan, WebhookEvent? received, MergeRules rules, DateTimeOffset now)
    {
        var keepUntil = now + rules.Window;
        var (release, releaseTo) = plan.Release is { } planned
            ? await ReleaseAsync(planned, known, received, keepUntil).ConfigureAwait(false)
            : default;
        var step = new CoalesceStep
        {
            Source = source,
            Key = key,
            Version = known?.Version ?? 0,
            State = plan.State is { } state
                ? new CoalescedState(KeyStateJson.Write(state), state.Refers, rules.ReleaseAt(state), keepUntil)
                : null,
            Number = plan.Event is EventPlan.IsHeld held ? held.Number : (plan.Event as EventPlan.Passes)?.Number,
            SupersededBy = (plan.Event as EventPlan.IsSuperseded)?.By,
            KeepUntil = plan.Event is EventPlan.Passes { Number: not null } ? keepUntil : null,
            Release = release,
        };
        RouteDecision? to = plan.Event switch
        {
            null => null,
            EventPlan.Passes => Route(received!),
            EventPlan.IsHeld => new RouteDecision(Disposition.Held, [], []),
            _ => new RouteDecision(Disposition.Superseded, [], []),
        };
        return new CoalesceDecision(step, to, releaseTo);
    }

    private async Task<(CoalescedRelease? Release, RouteDecision? To)> ReleaseAsync(
        ReleasePlan plan, CoalescedKey? known, WebhookEvent? received, DateTimeOffset keepUntil)
    {
        var merged = plan as ReleasePlan.Merged;
        var basis = merged is { Base: null } ? received! : await FindAsync(known!, merged?.Base!.Number ?? plan.Number).ConfigureAwait(false);
        var released = merged is null ? basis : Make(basis, merged);
        var to = Route(released);
        var release = new CoalescedRelease
        {
            Number = plan.Number,
            Event = merged is null ? null : released,
            TakesIn = [.. (merged?.TakesIn ?? []).Select(taken => taken.Number)],
            Disposition = to.Disposition,
            Destinations = to.Destinations,
            KeepUntil = keepUntil,
        };
        return (release, to);
    }

    /// <summary>The event that goes out in place of several: the last one's, but for the changes in it, and without the sender's own id.</summary>
    private static WebhookEvent Make(WebhookEvent basis, ReleasePlan.Merged plan)
    {
        using var span = GatewayActivity.StartRelease(basis, plan.TakesIn.Select(taken => taken.Trace));
        return basis with
        {
            Id = default,
            Origin = EventOrigin.Coalesce,
            SourceId = null,
            Body = plan.List is { } list ? UpdateList.Replace(basis.Body.Span, list, plan.Changes) : basis.Body,
            Trace = span is null ? basis.Trace : GatewayActivity.ContextOf(span),
        };
    }

    private async Task<WebhookEvent> FindAsync(CoalescedKey known, int number) =>
        (await _store.FindAsync(known.Events[number], CancellationToken.None).ConfigureAwait(false))?.Event
        ?? throw new StoreException("An event that is held is not in the store: 'hookgateway audit' says what else is missing.");

    // A condition that failed on it may have meant it.
    private bool GoesFurther(WebhookEvent received, FoundRecord? found) =>
        found is not null && Route(received) is var to && (to.Faults.Count > 0 || to.Destinations.Except(found.Destinations).Any());

    private RouteDecision Route(WebhookEvent released) =>
        _routes.Match(released.Source, released.Name).Decide(released.Body.Span, document: null);
}

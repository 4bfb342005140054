using System.Collections.Frozen;
using HookGateway.Coalesce;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Route;
using HookGateway.Store;
using HookGateway.Verify;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HookGateway.Pipeline;

/// <summary>
/// The way of an event, from a request that was read to the answer it gets:
/// <code>
/// Edge ─▶ Verify ─▶ Route ─▶ Store ─▶ answer
///           │         │        └────▶ Deliver ─▶ Settle
///           │         └─ mode: proxy ─▶ the destination's answer
///           └─ coalesce ─▶ Store (held) ─▶ answer ─▶ Route ─▶ Store (released) ─▶ Deliver
/// </code>
/// Nothing is acknowledged before <see cref="IEventStore.AcceptAsync"/> has committed it.
/// </summary>
internal sealed class EventPipeline
{
    private static readonly IngestResult KeyChanged =
        new IngestResult.Unavailable("The key changed each time that the event was about to be stored.");

    private readonly FrozenDictionary<string, SourceRuntime> _sources;
    private readonly RouteTable _routes;
    private readonly IEventStore _store;
    private readonly Lanes _lanes;
    private readonly CaptureFolder _captures;
    private readonly Coalescer _coalescer;
    private readonly TimeSpan _longestWait;
    private readonly ForwardedHeaders _headers;
    private readonly GatewayMetrics _metrics;
    private readonly EventFeed _feed;
    private readonly ILogger<EventPipeline> _logger;

    public EventPipeline(
        GatewayConfiguration configuration, RouteTable routes, IEventStore store, Lanes lanes, Coalescer coalescer, CaptureFolder captures,
        ForwardedHeaders headers, GatewayMetrics metrics, EventFeed feed, TimeProvider time, ILogger<EventPipeline> logger)
    {
        _sources = configuration.Sources.ToFrozenDictionary(
            source => source.Path, source => new SourceRuntime(source, time), StringComparer.Ordinal);
        _routes = routes;
        _store = store;
        _lanes = lanes;
        _captures = captures;
        _coalescer = coalescer;
        _longestWait = configuration.Limits.RequestTimeout;
        _headers = headers;
        _metrics = metrics;
        _feed = feed;
        _logger = logger;
    }

    /// <summary>The source that receives at a path.</summary>
    public SourceRuntime? FindSource(string? path) => path is null ? null : _sources.GetValueOrDefault(path);

    /// <summary>
    /// Takes a request the whole way. Not cancellable: a sender that leaves does not undo what is being stored. The common way waits
    /// in one place only, for the commit.
    /// </summary>
    public ValueTask<Passage> PassAsync(SourceRuntime source, ReceivedRequest request, TraceContext trace)
    {
        var verified = source.Verifier.Verify(request);
        if (verified is VerifyResult.Refused refused)
            return new(new Passage(new IngestResult.Rejected(refused.Reason.ToWord()), null));

        if (verified is VerifyResult.Passed { SecretPosition: { } position })
            _metrics.Verified(source.Name, position);

        if (source.OnlyCaptures)
            return CaptureAsync(source, request);

        switch (source.Reader.Identify(request))
        {
            case IdentifyResult.Malformed malformed:
                return new(new Passage(new IngestResult.Malformed(malformed.Problem), null));

            case IdentifyResult.UnsupportedMediaType unsupported:
                return new(new Passage(new IngestResult.UnsupportedMediaType(unsupported.Problem), null));

            case IdentifyResult.Identified identified:
                var webhookEvent = source.ToEvent(identified, request, trace);
                if (source.Coalescing is { Holds: true } coalescing && identified.Key is not null)
                    return CoalesceAsync(source, coalescing, identified, webhookEvent, request.Headers);

                var decision = _routes.Match(source.Name, identified.Name).Decide(request.Body.Span, identified.Document);
                return source.Coalescing is null && decision.ProxiedBy is null
                    ? AcceptAsync(source, webhookEvent, request.Headers, identified.DedupeKey, decision)
                    : DecideAsync(source, identified, webhookEvent, request.Headers, decision);

            default:
                throw new InvalidOperationException("A kind of identification that the pipeline does not know.");
        }
    }

    /// <summary>
    /// Takes an event that the gateway made of a record the same way. Nobody waits for a downstream's answer to it, so routes with
    /// <c>mode: proxy</c> do not take it. Where it goes nowhere, it stands in the way of nothing that comes later.
    /// </summary>
    /// <param name="made">The event, with a key.</param>
    /// <param name="dedupeKey">What makes two of them the same.</param>
    /// <param name="time">When the record was last changed, by the sender's clock.</param>
    /// <returns><see langword="null"/>, and nothing is stored, where the record has changed again and is to be looked at anew.</returns>
    public async ValueTask<IngestResult?> TakeAsync(WebhookEvent made, DedupeKey dedupeKey, DateTimeOffset time)
    {
        var source = _sources.Values.First(source => source.Name == made.Source);
        var headers = new HeaderDictionary();
        var decision = _routes.Match(made.Source, made.Name).Decide(made.Body.Span, document: null);
        if (decision.Destinations.Count > 0)
        {
            return await InTurnAsync(
                source, made, headers, dedupeKey, () => _coalescer.DecideFoundAsync(source.Coalescing!, made, time)).ConfigureAwait(false);
        }

        if (!decision.IsStored)
            decision = decision with { Disposition = Disposition.Unrouted };

        return (await AcceptAsync(source, made, headers, dedupeKey, decision).ConfigureAwait(false)).Result;
    }

    private async ValueTask<Passage> CaptureAsync(SourceRuntime source, ReceivedRequest request) =>
        new(
            await _captures.KeepAsync(source.Name, request).ConfigureAwait(false) switch
            {
                CaptureResult.Kept kept => new IngestResult.Captured(kept.Path, source.AnswerStatus),
                CaptureResult.TooLarge => new IngestResult.TooLarge(CaptureFolder.LargestBody),
                CaptureResult.Failed failed => new IngestResult.Unavailable(failed.Reason),
                _ => throw new InvalidOperationException("A kind of capture that the pipeline does not know."),
            },
            null);

    /// <summary>What is passed on, or may be late: more than one thing may happen to it.</summary>
    private async ValueTask<Passage> DecideAsync(
        SourceRuntime source, IdentifyResult.Identified identified, WebhookEvent webhookEvent, IHeaderDictionary headers, RouteDecision decision)
    {
        if (decision.ProxiedBy is not { } proxy)
        {
            return await SupersedeAsync(source, identified, webhookEvent, headers).ConfigureAwait(false) is { } late
                ? new Passage(late, identified.Name)
                : await AcceptAsync(source, webhookEvent, headers, identified.DedupeKey, decision).ConfigureAwait(false);
        }

        var stored = decision.IsStored
            ? (await AcceptAsync(source, webhookEvent, headers, identified.DedupeKey, decision).ConfigureAwait(false)).Result
            : null;
        var result = decision.ProxiedTo is { } destination && stored is not IngestResult.Unavailable
            ? PassOn(webhookEvent, headers, destination, stored, proxy.Dedupes ? identified.DedupeKey : null)
            : stored!;
        return new Passage(result, identified.Name);
    }

    /// <summary>
    /// What other routes owe is stored by now, or was when the event came before: a caller who got no answer then asks again.
    /// </summary>
    private IngestResult.PassOn PassOn(
        WebhookEvent webhookEvent, IHeaderDictionary headers, string destination, IngestResult? stored, DedupeKey? dedupeKey)
    {
        var id = stored switch
        {
            IngestResult.Accepted accepted => accepted.Id,
            IngestResult.Duplicate duplicate => duplicate.First,
            _ => new Events.EventId(Guid.CreateVersion7(webhookEvent.ReceivedAt)),
        };
        var kept = _headers.Keep(webhookEvent.Source, headers, [destination]);
        return new IngestResult.PassOn(destination, webhookEvent with { Id = id, Headers = kept }, dedupeKey);
    }

    private async ValueTask<Passage> CoalesceAsync(
        SourceRuntime source, SourceCoalescing coalescing, IdentifyResult.Identified identified, WebhookEvent webhookEvent,
        IHeaderDictionary headers)
    {
        // Where a held event goes is known only when it goes out.
        webhookEvent = webhookEvent with { Headers = _headers.Keep(source.Name, headers, _coalescer.DestinationsOf(source.Name)) };
        return new Passage(
            (await InTurnAsync(
                source, webhookEvent, headers, identified.DedupeKey,
                async () => await _coalescer.DecideAsync(coalescing, webhookEvent, identified.IsComplete).ConfigureAwait(false)).ConfigureAwait(false))!,
            identified.Name);
    }

    /// <summary>An event that comes after one was made of its record is stored, and goes no further.</summary>
    /// <returns><see langword="null"/>: it is not one of those.</returns>
    private async ValueTask<IngestResult?> SupersedeAsync(
        SourceRuntime source, IdentifyResult.Identified identified, WebhookEvent webhookEvent, IHeaderDictionary headers) =>
        identified.Key is not null && source.Coalescing!.MayBeLate(webhookEvent)
            ? await AcceptAsDecidedAsync(
                source, webhookEvent, headers, identified.DedupeKey,
                () => _coalescer.DecideLateAsync(source.Coalescing, webhookEvent)).ConfigureAwait(false)
            : null;

    /// <returns><see langword="null"/> where nothing is decided.</returns>
    private async Task<IngestResult?> InTurnAsync(
        SourceRuntime source, WebhookEvent webhookEvent, IHeaderDictionary headers, DedupeKey dedupeKey, Func<Task<CoalesceDecision?>> decide)
    {
        if (await _coalescer.Turns.TakeAsync(source.Name, webhookEvent.Key!, _longestWait, CancellationToken.None).ConfigureAwait(false)
            is not { } turn)
            return new IngestResult.Unavailable("Too many events of this key wait to be stored.");

        try
        {
            return await AcceptAsDecidedAsync(source, webhookEvent, headers, dedupeKey, decide).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Decides about an event's key and stores it so; decides anew where the key has changed meanwhile.</summary>
    /// <returns><see langword="null"/> where nothing is decided.</returns>
    private async Task<IngestResult?> AcceptAsDecidedAsync(
        SourceRuntime source, WebhookEvent webhookEvent, IHeaderDictionary headers, DedupeKey dedupeKey, Func<Task<CoalesceDecision?>> decide)
    {
        try
        {
            for (var tries = 0; tries < Coalescer.MostTries; tries++)
            {
                if (await decide().ConfigureAwait(false) is not { } decision)
                    return null;

                var (result, _) = await AcceptAsync(source, webhookEvent, headers, dedupeKey, decision.Event!.Value, decision).ConfigureAwait(false);
                if (result != KeyChanged)
                    return result;
            }

            return KeyChanged;
        }
        catch (StoreException e)
        {
            return new IngestResult.Unavailable(e.Message);
        }
    }

    /// <returns><see cref="KeyChanged"/> where it was decided against what is not so any more.</returns>
    private async ValueTask<Passage> AcceptAsync(
        SourceRuntime source, WebhookEvent webhookEvent, IHeaderDictionary headers, DedupeKey dedupeKey, RouteDecision decision,
        CoalesceDecision? coalesced = null)
    {
        if (_headers.Keep(source.Name, headers, decision.Destinations) is { Count: > 0 } kept)
            webhookEvent = webhookEvent with { Headers = kept };

        var size = webhookEvent.Size;
        var owed = coalesced is null ? _lanes.Reserve(decision.Destinations, size, ordered: source.Coalescing?.Holds == true) : coalesced.Owed;
        AcceptResult stored;
        using (GatewayActivity.StartStore(webhookEvent.Trace))
        {
            stored = await _store.AcceptAsync(new AcceptRequest
            {
                Event = webhookEvent,
                DedupeKey = dedupeKey,
                DedupeWindow = source.DedupeWindow,
                Disposition = decision.Disposition,
                Deliveries = owed,
                Coalesce = coalesced?.Step,
            }).ConfigureAwait(false);
        }

        if (stored is AcceptResult.Accepted accepted)
        {
            // In this order: an outcome is not told before what it is of.
            _feed.Accepted(accepted.Event, decision.Disposition, decision.Destinations);
            _lanes.Dispatch(owed, accepted.Leased, size);
            _logger.WhereFailed(accepted.Event, decision.Faults);
            if (coalesced is not null)
                _coalescer.Done(coalesced, accepted.Released);

            return new Passage(new IngestResult.Accepted(accepted.Event.Id, source.AnswerStatus), webhookEvent.Name);
        }

        _lanes.Release(owed, size);
        if (stored is AcceptResult.Unavailable)
            _lanes.LookAgainWhenWritable();

        IngestResult refused = stored switch
        {
            AcceptResult.Duplicate duplicate => new IngestResult.Duplicate(duplicate.First),
            AcceptResult.Conflict => KeyChanged,
            AcceptResult.Unavailable unavailable => new IngestResult.Unavailable(unavailable.Reason),
            _ => throw new InvalidOperationException("A kind of answer from the store that the pipeline does not know."),
        };
        return new Passage(refused, webhookEvent.Name);
    }
}

/// <summary>How a request's way ended.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="EventName">The event's name, once it is known.</param>
internal readonly record struct Passage(IngestResult Result, string? EventName);

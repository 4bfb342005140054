using System.Diagnostics;
using HookGateway.Events;

namespace HookGateway.Observe;

/// <summary>
/// The spans of an event's way. One trace an event: <c>webhook receive</c> (SERVER) is the parent of <c>webhook store</c> and
/// of every <c>webhook deliver</c> (CLIENT), however much later an attempt is made.
/// </summary>
internal static class GatewayActivity
{
    /// <summary>The name under which OpenTelemetry finds the spans.</summary>
    public const string SourceName = "HookGateway";

    // What OpenTelemetry's SDKs keep of a span by default.
    private const int MostLinks = 128;

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// Begins the span of a received request in the sender's trace, or in a new one. Whether the trace is kept is decided
    /// here by its id, not by the sender's flag: a sender that samples nothing would silence its events' whole story.
    /// </summary>
    /// <param name="sampling">Decides it.</param>
    /// <param name="source">The source's name.</param>
    /// <param name="traceParent">What the sender sent.</param>
    /// <param name="trace">The event's trace, kept or not.</param>
    public static Activity? StartReceive(TraceSampling sampling, string source, string? traceParent, out TraceContext trace)
    {
        // ActivityContext.Parse accepts what W3C Trace Context allows; anything else begins a trace of its own.
        trace = ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
            ? new TraceContext(parent.TraceId, parent.SpanId, sampled: false)
            : TraceContext.New();
        if (!Source.HasListeners() || !sampling.Keeps(trace))
            return null;

        // In a trace of its own it is the first span: it has no parent, but the id by which it was decided.
        var span = Source.StartActivity(
            $"webhook receive {source}", ActivityKind.Server,
            parent != default ? parent : new ActivityContext(trace.TraceId, default, ActivityTraceFlags.None));
        if (span is not null)
            trace = ContextOf(span);

        return span;
    }

    /// <summary>Begins the span, and the trace, of a change that was found in a sender's API.</summary>
    public static Activity? StartReconcile(string source)
    {
        // What looks for changes is no part of the event's story.
        Activity.Current = null;
        return Source.StartActivity($"webhook reconcile {source}", ActivityKind.Internal);
    }

    /// <summary>The trace of an event that a span is the first of, kept or not.</summary>
    public static TraceContext ContextOf(Activity? first) =>
        first is not null ? new TraceContext(first.TraceId, first.SpanId, first.Recorded) : TraceContext.New();

    /// <summary>Tells on the span of receipt that a route's <c>where</c> failed on the event.</summary>
    public static void WhereFailed(string route, string problem) => Activity.Current?.AddEvent(new ActivityEvent(
        "where failed", tags: new ActivityTagsCollection { ["hookgateway.route"] = route, ["error.type"] = problem }));

    /// <summary>Begins the span of a commit.</summary>
    public static Activity? StartStore(TraceContext trace) => trace.Sampled
        ? Source.StartActivity("webhook store", ActivityKind.Internal, trace.ToActivityContext())
        : null;

    /// <summary>
    /// Begins the span of making one event of several that were held, in the trace of the last one and linked to all others'.
    /// </summary>
    /// <param name="last">The event that it is made from.</param>
    /// <param name="taken">The places of all that go out with it, as <c>traceparent</c>.</param>
    public static Activity? StartRelease(WebhookEvent last, IEnumerable<string> taken)
    {
        if (!last.Trace.Sampled)
            return null;

        var links = taken.Select(static text => ActivityContext.TryParse(text, null, out var place) ? place : default)
            .Where(place => place != default && place.SpanId != last.Trace.SpanId)
            .Take(MostLinks)
            .Select(static place => new ActivityLink(place));
        var activity = Source.StartActivity(
            $"webhook release {last.Source}", ActivityKind.Internal, last.Trace.ToActivityContext(), links: links);
        if (activity is { IsAllDataRequested: true })
            Describe(activity, last with { Id = default, Origin = EventOrigin.Coalesce });

        return activity;
    }

    /// <summary>Begins the span of one attempt.</summary>
    public static Activity? StartDeliver(Delivery delivery, int attempt) =>
        StartDeliver(delivery.Event, delivery.Destination, delivery.Trace, attempt);

    /// <inheritdoc cref="StartDeliver(Delivery, int)"/>
    public static Activity? StartDeliver(WebhookEvent webhookEvent, string destination, TraceContext trace, int attempt)
    {
        if (!trace.Sampled)
            return null;

        var activity = Source.StartActivity(
            $"webhook deliver {destination}", ActivityKind.Client, trace.ToActivityContext());
        if (activity is { IsAllDataRequested: true })
        {
            Describe(activity, webhookEvent);
            activity.SetTag("hookgateway.destination", destination);
            activity.SetTag("hookgateway.attempt", attempt);
            activity.SetTag("http.request.method", "POST");
            if (attempt > 1)
                activity.SetTag("http.request.resend_count", attempt - 1);
        }

        return activity;
    }

    /// <summary>Begins the span of an event's replay: a trace of its own, linked to the event's.</summary>
    public static Activity? StartReplay(EventId id, string source, string name, TraceContext trace)
    {
        // The request of the admin port shall not become its parent.
        Activity.Current = null;
        ActivityLink[] links = trace.Sampled ? [new(trace.ToActivityContext())] : [];
        var activity = Source.StartActivity("webhook replay", ActivityKind.Internal, default(ActivityContext), links: links);
        if (activity is { IsAllDataRequested: true })
            Describe(activity, id, source, name);

        return activity;
    }

    /// <summary>Names the event on a span.</summary>
    public static void Describe(Activity activity, WebhookEvent webhookEvent)
    {
        Describe(activity, webhookEvent.Id, webhookEvent.Source, webhookEvent.Name);
        if (webhookEvent.Origin != EventOrigin.Sender)
            activity.SetTag("hookgateway.origin", webhookEvent.Origin == EventOrigin.Coalesce ? "coalesce" : "reconcile");
    }

    private static void Describe(Activity activity, EventId id, string source, string name)
    {
        activity.SetTag("hookgateway.source", source);
        activity.SetTag("hookgateway.event", name);
        if (id != default)
            activity.SetTag("hookgateway.event_id", id.ToString());
    }
}

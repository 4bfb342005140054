using System.Diagnostics;

namespace HookGateway.Events;

/// <summary>
/// Where an event stands in its trace: kept with the event, so that an attempt made hours later, or by another process,
/// still belongs to the trace that the sender or the gateway began.
/// </summary>
/// <param name="TraceId">The sender's trace id where it sent a <c>traceparent</c>, else one made at receipt.</param>
/// <param name="SpanId">The span that received the event: the parent of every attempt.</param>
/// <param name="Sampled">What <c>telemetry.sampling</c> decided here; the sender's own flag does not count.</param>
public readonly record struct TraceContext(ActivityTraceId TraceId, ActivitySpanId SpanId, bool Sampled)
{
    /// <summary>As W3C Trace Context writes it.</summary>
    public string ToTraceParent() => $"00-{TraceId}-{SpanId}-{(Sampled ? "01" : "00")}";

    /// <summary>As the parent of a span.</summary>
    public ActivityContext ToActivityContext() => new(
        TraceId, SpanId, Sampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: false);
}

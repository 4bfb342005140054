using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HookGateway.Events;

/// <summary>
/// Where an event stands in its trace: kept with the event, so that an attempt made hours later, or by another process,
/// still belongs to the trace that the sender or the gateway began. It holds bytes, since <see cref="ActivityTraceId"/> holds text,
/// which most events never need.
/// </summary>
public readonly record struct TraceContext
{
    /// <summary>How long it is as bytes.</summary>
    public const int Bytes = TraceBytes + SpanBytes + 1;

    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    private readonly ulong _traceHigh;
    private readonly ulong _traceLow;
    private readonly ulong _span;

    /// <param name="traceId">The sender's trace id where it sent a <c>traceparent</c>, else one made at receipt.</param>
    /// <param name="spanId">The span that received the event: the parent of every attempt.</param>
    /// <param name="sampled">What <c>telemetry.sampling</c> decided here; the sender's own flag does not count.</param>
    public TraceContext(ActivityTraceId traceId, ActivitySpanId spanId, bool sampled)
    {
        Span<byte> bytes = stackalloc byte[TraceBytes];
        traceId.CopyTo(bytes);
        (_traceHigh, _traceLow) = (BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[SpanBytes..]));
        spanId.CopyTo(bytes[..SpanBytes]);
        _span = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        Sampled = sampled;
    }

    private TraceContext(ulong traceHigh, ulong traceLow, ulong span, bool sampled)
    {
        (_traceHigh, _traceLow, _span) = (traceHigh, traceLow, span);
        Sampled = sampled;
    }

    /// <summary>Whether it is in no trace at all.</summary>
    public bool IsNone => (_traceHigh | _traceLow) == 0;

    /// <summary>The trace's id.</summary>
    public ActivityTraceId TraceId
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Bytes];
            Write(bytes);
            return ActivityTraceId.CreateFromBytes(bytes[..TraceBytes]);
        }
    }

    /// <summary>The id of the span that received the event.</summary>
    public ActivitySpanId SpanId
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Bytes];
            Write(bytes);
            return ActivitySpanId.CreateFromBytes(bytes.Slice(TraceBytes, SpanBytes));
        }
    }

    /// <summary>Whether spans are made of it.</summary>
    public bool Sampled { get; }

    /// <summary>A trace that nobody has begun and that is not kept.</summary>
    public static TraceContext New()
    {
        Span<ulong> ids = stackalloc ulong[3];
        do
        {
            Random.Shared.NextBytes(MemoryMarshal.AsBytes(ids));
        }
        while ((ids[0] | ids[1]) == 0 || ids[2] == 0); // what is all zero is no id (W3C Trace Context)

        return new TraceContext(ids[0], ids[1], ids[2], sampled: false);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static TraceContext Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[SpanBytes..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[TraceBytes..]), bytes[TraceBytes + SpanBytes] != 0);

    /// <summary>Writes it as <see cref="Bytes"/> bytes: trace id, span id, whether it is kept.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _traceHigh);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[SpanBytes..], _traceLow);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[TraceBytes..], _span);
        bytes[TraceBytes + SpanBytes] = Sampled ? (byte)1 : (byte)0;
    }

    /// <summary>As W3C Trace Context writes it.</summary>
    public string ToTraceParent() => ToTraceParent(Sampled);

    /// <summary>As W3C Trace Context writes it, kept or not.</summary>
    public string ToTraceParent(bool sampled) =>
        string.Create(null, stackalloc char[64], $"00-{_traceHigh:x16}{_traceLow:x16}-{_span:x16}-{(sampled ? "01" : "00")}");

    /// <summary>As the parent of a span.</summary>
    public ActivityContext ToActivityContext() => new(
        TraceId, SpanId, Sampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: false);
}

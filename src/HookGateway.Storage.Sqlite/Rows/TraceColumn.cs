using System.Diagnostics;
using HookGateway.Events;

namespace HookGateway.Storage.Sqlite.Rows;

/// <summary>How a place in a trace lies in a column: trace id, span id, whether it is kept.</summary>
internal static class TraceColumn
{
    public const int Bytes = 25;

    public static TraceContext Read(ReadOnlySpan<byte> column) => new(
        ActivityTraceId.CreateFromBytes(column[..16]), ActivitySpanId.CreateFromBytes(column[16..24]), column[24] != 0);

    public static void Write(Span<byte> column, TraceContext trace)
    {
        trace.TraceId.CopyTo(column[..16]);
        trace.SpanId.CopyTo(column[16..24]);
        column[24] = trace.Sampled ? (byte)1 : (byte)0;
    }
}

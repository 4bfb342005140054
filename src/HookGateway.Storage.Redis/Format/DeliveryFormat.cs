using System.Diagnostics;
using System.Globalization;
using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Storage.Redis.Format;

/// <summary>A delivery as scripts write it: <c>state|attempts|leases|standing|due|sequence|owed|replay|destination</c>.</summary>
internal readonly record struct DeliveryFormat(
    DeliveryState State, int Attempts, long Leases, Standing Standing, long Due, long Sequence, Replay? Replay, string Destination)
{
    private const int Parts = 9;

    public static DeliveryFormat Read(string text)
    {
        var parts = text.Split('|', Parts);
        return new DeliveryFormat(
            (DeliveryState)Number(parts[0]), (int)Number(parts[1]), Number(parts[2]), (Standing)Number(parts[3]), Number(parts[4]),
            Number(parts[5]), ReadReplay(parts[7]), parts[8]);
    }

    public static string WriteTrace(TraceContext trace) => trace.IsNone ? "" : trace.ToTraceParent();

    /// <summary>As it is shown.</summary>
    public StoredDelivery Show(int ordinal, IReadOnlyList<DeliveryAttempt> attempts)
    {
        var isDue = State is DeliveryState.Pending or DeliveryState.Retrying
            && (Standing == Standing.Due || (Standing == Standing.Leased && Attempts > 0));
        return new StoredDelivery(
            Destination, ordinal, State, isDue ? DateTimeOffset.FromUnixTimeMilliseconds(Due) : null, attempts)
        {
            Replayed = Replay is not null,
            Waits = Standing == Standing.Waiting,
        };
    }

    private static Replay? ReadReplay(string text)
    {
        if (text.Length == 0)
            return null;

        var parts = text.Split(',');
        var trace = ActivityContext.TryParse(parts[2], null, out var context)
            ? new TraceContext(context.TraceId, context.SpanId, context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
            : default;
        return new Replay((int)Number(parts[0]), trace, parts[1].Length == 0 ? null : Number(parts[1]));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

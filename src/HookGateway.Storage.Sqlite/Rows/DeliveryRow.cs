namespace HookGateway.Storage.Sqlite.Rows;

/// <summary>
/// A delivery's row number: its event's, then its ordinal. So the deliveries of an event lie side by side, and are found
/// without an index.
/// </summary>
internal static class DeliveryRow
{
    private const int OrdinalBits = 12;

    /// <summary>The most deliveries that one event can owe.</summary>
    public const int MaxFanOut = 1 << OrdinalBits;

    /// <summary>The due time of one that waits for another to end: never.</summary>
    public const long Waiting = long.MaxValue;

    public static long Of(long seq, int ordinal) => (seq << OrdinalBits) | (long)ordinal;

    public static long First(long seq) => Of(seq, 0);

    public static long Last(long seq) => Of(seq, MaxFanOut - 1);

    public static long SeqOf(long row) => row >> OrdinalBits;

    public static int OrdinalOf(long row) => (int)(row & (MaxFanOut - 1));
}

using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Where a bulk replay stands in a partition, and what it has counted there.</summary>
/// <param name="Cursor">The last number behind it; <see langword="null"/>: it has not begun there.</param>
/// <param name="Time">When the last event that it looked at was accepted; 0: none.</param>
/// <param name="Ended">When it came to its end there.</param>
/// <param name="Matched">Events that met the filter.</param>
/// <param name="Skipped">Those of which nothing is owed.</param>
/// <param name="Made">Deliveries that it made due.</param>
/// <param name="Delivered">Those of them that were delivered.</param>
/// <param name="Dead">Those that were given up.</param>
internal readonly record struct BulkReplayPlace(
    long? Cursor, long Time, long? Ended, long Matched, long Skipped, long Made, long Delivered, long Dead)
{
    /// <summary>The fields that it is read from.</summary>
    public static readonly RedisValue[] Fields = ["cursor", "time", "ended", "matched", "skipped", "made", "delivered", "dead"];

    public static BulkReplayPlace Read(RedisValue[] fields) => new(
        (long?)fields[0], Number(fields[1]), (long?)fields[2], Number(fields[3]), Number(fields[4]), Number(fields[5]), Number(fields[6]),
        Number(fields[7]));

    private static long Number(RedisValue field) => (long?)field ?? 0;
}

using HookGateway.Configuration;
using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Redis;

/// <summary>What the store says.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(LogLevel.Information, "Store in Redis opened: prefix {Prefix}, {Partitions} partitions, durability {Durability}.")]
    public static partial void Opened(ILogger logger, string prefix, int partitions, StorageDurability durability);

    [LoggerMessage(LogLevel.Error, "Redis cannot be written: events are refused and deliveries pause until it can be.")]
    public static partial void Unwritable(ILogger logger, Exception? exception);

    [LoggerMessage(LogLevel.Information, "Redis can be written again.")]
    public static partial void Writable(ILogger logger);

    [LoggerMessage(LogLevel.Debug, "Redis still cannot be written.")]
    public static partial void StillUnwritable(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Redis has less than {Percent} % of its memory left: events are refused until deliveries have made room.")]
    public static partial void NearlyFull(ILogger logger, int percent);

    [LoggerMessage(LogLevel.Information, "Redis has room again.")]
    public static partial void HasRoom(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "Redis at {EndPoint} keeps no append-only file: when it ends, every event that is not delivered is lost.")]
    public static partial void MemoryOnly(ILogger logger, string endPoint);

    [LoggerMessage(
        LogLevel.Warning,
        "Redis at {EndPoint} answers before its disk has an event (appendfsync {Sync}): when it crashes, about a second of acknowledged events is lost.")]
    public static partial void SyncsLater(ILogger logger, string endPoint, string sync);

    [LoggerMessage(
        LogLevel.Warning,
        "Redis at {EndPoint} does not tell when it syncs its append-only file. Without appendfsync always a crash loses acknowledged events.")]
    public static partial void SyncUnknown(ILogger logger, string endPoint);

    [LoggerMessage(LogLevel.Warning, "What came of {Count} deliveries could not be written, and is tried again.")]
    public static partial void NotSettled(ILogger logger, Exception exception, int count);

    [LoggerMessage(LogLevel.Warning, "Leases could not be renewed; deliveries under way may be made again by others.")]
    public static partial void NotRenewed(ILogger logger, Exception exception);

    [LoggerMessage(
        LogLevel.Warning, "Closed without having written what came of {Count} deliveries: they will be made again.")]
    public static partial void SettlementsLost(ILogger logger, int count);
}

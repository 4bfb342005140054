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

    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    public static partial void PromisesLess(ILogger logger, string warning);

    [LoggerMessage(LogLevel.Error, "Events are refused until Redis is fit to be the store. {Reason}")]
    public static partial void Refusing(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "Redis is fit to be the store again: events are accepted.")]
    public static partial void Fit(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "What came of {Count} deliveries could not be written, and is tried again.")]
    public static partial void NotSettled(ILogger logger, Exception exception, int count);

    [LoggerMessage(LogLevel.Warning, "Leases could not be renewed; deliveries under way may be made again by others.")]
    public static partial void NotRenewed(ILogger logger, Exception exception);

    [LoggerMessage(
        LogLevel.Warning, "Closed without having written what came of {Count} deliveries: they will be made again.")]
    public static partial void SettlementsLost(ILogger logger, int count);

    [LoggerMessage(LogLevel.Debug, "The cache in Redis could not be used.")]
    public static partial void CacheAway(ILogger logger, Exception exception);
}

using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Sqlite;

/// <summary>What the store says.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(LogLevel.Information, "Store {Path} opened: schema {Schema}, epoch {Epoch}, {Marks} dedupe marks.")]
    public static partial void Opened(ILogger logger, string path, int schema, long epoch, int marks);

    [LoggerMessage(LogLevel.Error, "Store {Path} cannot be written: events are refused and deliveries pause until it can be.")]
    public static partial void Unwritable(ILogger logger, Exception exception, string path);

    [LoggerMessage(LogLevel.Information, "Store {Path} can be written again.")]
    public static partial void Writable(ILogger logger, string path);

    [LoggerMessage(LogLevel.Debug, "Store {Path} still cannot be written.")]
    public static partial void StillUnwritable(ILogger logger, Exception exception, string path);

    [LoggerMessage(LogLevel.Error, "A commit to store {Path} has not ended for {Elapsed}: events are refused until it does.")]
    public static partial void Stuck(ILogger logger, string path, TimeSpan elapsed);

    [LoggerMessage(LogLevel.Warning, "A checkpoint of store {Path} failed; its log grows until one succeeds.")]
    public static partial void CheckpointFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(
        LogLevel.Warning, "The log of store {Path} holds {Bytes} bytes and cannot start anew: another program keeps a read transaction open.")]
    public static partial void LogHeldOpen(ILogger logger, string path, long bytes);

    [LoggerMessage(
        LogLevel.Warning,
        "The machine's clock was set back, to {Ahead} before the latest stored time. Due times, dedupe windows and retention go on from there.")]
    public static partial void ClockSetBack(ILogger logger, TimeSpan ahead);

    [LoggerMessage(
        LogLevel.Error, "The disk of store {Path} has not let it close for {Elapsed}: ended without. Nothing that was acknowledged is lost; some deliveries may be made again.")]
    public static partial void NotClosed(ILogger logger, string path, TimeSpan elapsed);

    [LoggerMessage(
        LogLevel.Warning, "Store {Path} closed without having written what came of {Count} deliveries: they will be made again.")]
    public static partial void SettlementsLost(ILogger logger, string path, int count);
}

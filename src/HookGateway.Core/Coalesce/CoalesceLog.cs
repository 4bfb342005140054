using Microsoft.Extensions.Logging;
using EventId = HookGateway.Events.EventId;

namespace HookGateway.Coalesce;

/// <summary>What is told of events that are held and released.</summary>
internal static partial class CoalesceLog
{
    [LoggerMessage(1, LogLevel.Debug, "Event {Id} {Event} of {Source} goes out of what was held, in place of {Superseded} others")]
    public static partial void Released(this ILogger logger, EventId id, string @event, string source, int superseded);

    [LoggerMessage(2, LogLevel.Warning, "What is held of {Source} cannot be released now, and is tried again: {Reason}")]
    public static partial void ReleaseFailed(this ILogger logger, string source, string reason);

    [LoggerMessage(3, LogLevel.Warning, "It cannot be told now what is due to be released, and is looked for again: {Reason}")]
    public static partial void LookFailed(this ILogger logger, string reason);
}

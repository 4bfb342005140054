using Microsoft.Extensions.Logging;
using EventId = HookGateway.Events.EventId;

namespace HookGateway.Route;

internal static partial class RouteLog
{
    [LoggerMessage(1, LogLevel.Error, "Event {EventId} ({EventName}) is not taken by route {Route}: its where failed on it ({Problem}); the event is stored")]
    public static partial void WhereFailed(this ILogger logger, EventId eventId, string eventName, string route, string problem);
}

using HookGateway.Events;
using HookGateway.Observe;
using Microsoft.Extensions.Logging;
using EventId = HookGateway.Events.EventId;

namespace HookGateway.Route;

internal static partial class RouteLog
{
    /// <summary>Tells in the log, and on the span under way, which routes' <c>where</c> failed on an event.</summary>
    public static void WhereFailed(this ILogger logger, WebhookEvent webhookEvent, IReadOnlyList<RouteFault> faults)
    {
        foreach (var fault in faults)
        {
            logger.WhereFailed(webhookEvent.Id, webhookEvent.Name, fault.Route, fault.Problem);
            GatewayActivity.WhereFailed(fault.Route, fault.Problem);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Event {EventId} ({EventName}) is not taken by route {Route}: its where failed on it ({Problem}); the event is stored")]
    public static partial void WhereFailed(this ILogger logger, EventId eventId, string eventName, string route, string problem);
}

using HookGateway.Events;
using Microsoft.Extensions.Logging;
using EventId = HookGateway.Events.EventId;

namespace HookGateway.Deliver;

/// <summary>The log lines of delivering. The only one per event at Information or above is of a failure.</summary>
internal static partial class DeliverLog
{
    [LoggerMessage(1, LogLevel.Debug, "Event {EventId} ({EventName}) delivered to {Destination} at attempt {Attempt}: {StatusCode} in {Milliseconds:0.0} ms")]
    public static partial void Delivered(
        this ILogger logger, EventId eventId, string eventName, string destination, int attempt, int? statusCode, double milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "Event {EventId} ({EventName}) not delivered to {Destination} at attempt {Attempt}: {Error}, {Detail}; again at {DueAt:O}")]
    public static partial void Retrying(
        this ILogger logger, EventId eventId, string eventName, string destination, int attempt, DeliveryError error,
        string? detail, DateTimeOffset? dueAt);

    [LoggerMessage(3, LogLevel.Error, "Event {EventId} ({EventName}) is dead for {Destination} after attempt {Attempt}: {Error}, {Detail}; given up by {Reason}")]
    public static partial void Dead(
        this ILogger logger, EventId eventId, string eventName, string destination, int attempt, DeliveryError error,
        string? detail, string? reason);

    [LoggerMessage(4, LogLevel.Warning, "Destination {Destination} cannot be delivered to: left alone for {Pause}; its events wait and lose no attempt")]
    public static partial void Parked(this ILogger logger, string destination, TimeSpan pause);

    [LoggerMessage(6, LogLevel.Error, "A fault of the gateway's own kept a delivery to {Destination} from being made; it is tried again: {Error}\n{Where}")]
    public static partial void DeliverFault(this ILogger logger, string destination, string error, string? where);

    [LoggerMessage(7, LogLevel.Debug, "Event {EventId} ({EventName}) passed on to {Destination}: {StatusCode} in {Milliseconds:0.0} ms")]
    public static partial void PassedOn(
        this ILogger logger, EventId eventId, string eventName, string destination, int? statusCode, double milliseconds);

    [LoggerMessage(8, LogLevel.Warning, "Event {EventId} ({EventName}) not passed on to {Destination}: {Error}, {Detail}")]
    public static partial void NotPassedOn(
        this ILogger logger, EventId eventId, string eventName, string destination, DeliveryError error, string? detail);

    [LoggerMessage(9, LogLevel.Warning, "Event {EventId} ({EventName}) passed on to {Destination}: the answer {StatusCode} broke off ({Error})")]
    public static partial void BrokeOff(
        this ILogger logger, EventId eventId, string eventName, string destination, int? statusCode, string error);

    [LoggerMessage(10, LogLevel.Information, "Destination {Destination} is {What}, as the store says: at another gateway, or it lost what was set here")]
    public static partial void PausedElsewhere(this ILogger logger, string destination, string what);

    [LoggerMessage(5, LogLevel.Error, "Due deliveries cannot be leased: {Reason}")]
    public static partial void LeaseFailed(this ILogger logger, string reason);
}

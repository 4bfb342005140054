using System.Diagnostics;
using HookGateway.Events;
using HookGateway.Observe;
using Microsoft.Extensions.Logging;

namespace HookGateway.Deliver;

/// <summary>Tells what came of an attempt, once, in all three ways: its span, the metrics, one log line.</summary>
internal static class AttemptReport
{
    public static void Write(
        GatewayMetrics metrics, ILogger logger, Delivery delivery, DeliveryAttempt attempt, Verdict verdict, Activity? span)
    {
        var outcome = verdict.State switch
        {
            DeliveryState.Delivered => "delivered",
            DeliveryState.Dead => "dead",
            _ => "retrying",
        };
        metrics.Attempted(delivery.Destination, outcome, attempt.Duration);
        Describe(span, attempt.StatusCode, attempt.Error, attempt.Detail, outcome);

        var id = delivery.Event.Id;
        if (verdict.State == DeliveryState.Delivered)
        {
            // The lag of a replay would be how old the event is.
            if (delivery.Replay is null)
                metrics.Delivered(delivery.Destination, attempt.StartedAt + attempt.Duration - delivery.Event.ReceivedAt);

            logger.Delivered(id, delivery.Event.Name, delivery.Destination, attempt.Number, attempt.StatusCode, attempt.Duration.TotalMilliseconds);
        }
        else if (verdict.State == DeliveryState.Dead)
        {
            logger.Dead(id, delivery.Event.Name, delivery.Destination, attempt.Number, attempt.Error, attempt.Detail, verdict.Reason);
        }
        else
        {
            logger.Retrying(id, delivery.Event.Name, delivery.Destination, attempt.Number, attempt.Error, attempt.Detail, verdict.DueAt);
        }
    }

    /// <summary>Tells on its span what came of an attempt.</summary>
    public static void Describe(Activity? span, int? statusCode, DeliveryError error, string? detail, string outcome)
    {
        if (span is not { IsAllDataRequested: true })
            return;

        span.SetTag("hookgateway.outcome", outcome);
        if (statusCode is { } status)
            span.SetTag("http.response.status_code", status);

        if (error == DeliveryError.None)
            return;

        // error.type: the status where there is one (OpenTelemetry's HTTP conventions), else the class of the failure.
        span.SetTag("error.type", statusCode?.ToString(System.Globalization.CultureInfo.InvariantCulture)
            ?? error.ToString().ToLowerInvariant());
        span.SetStatus(ActivityStatusCode.Error, detail);
    }
}

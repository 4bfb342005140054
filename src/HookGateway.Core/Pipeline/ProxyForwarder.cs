using System.Collections.Frozen;
using System.Diagnostics;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace HookGateway.Pipeline;

/// <summary><c>mode: proxy</c>: passes verified requests on, and says what became of each.</summary>
internal sealed class ProxyForwarder : IDisposable
{
    private readonly FrozenDictionary<string, ProxiedDestination> _destinations;
    private readonly FrozenDictionary<string, PassedOnMarks> _marks;
    private readonly FrozenDictionary<string, TimeSpan> _timeouts;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<ProxyForwarder> _logger;

    public ProxyForwarder(
        GatewayConfiguration configuration, DestinationClusters clusters, DestinationPipelines pipelines, IHttpForwarder forwarder,
        GatewayMetrics metrics, TimeProvider time, SteadyTimeProvider steady, ILogger<ProxyForwarder> logger)
    {
        var proxies = configuration.Routes.Where(route => route.IsProxy).ToList();
        var proxied = configuration.Destinations.Where(destination => proxies.Exists(route => route.To[0] == destination.Name)).ToList();
        _destinations = proxied.ToFrozenDictionary(
            destination => destination.Name,
            destination => new ProxiedDestination(clusters.LinkTo(destination), pipelines.Of(destination.Name), forwarder, time));
        _timeouts = proxied.ToFrozenDictionary(destination => destination.Name, destination => destination.Timeout);
        _marks = configuration.Sources.Where(source => proxies.Exists(route => route.Dedupes && route.Source == source.Name))
            .ToFrozenDictionary(source => source.Name, source => new PassedOnMarks(source.Dedupe.Window, steady));
        (_metrics, _time, _logger) = (metrics, time, logger);
    }

    public void Dispose()
    {
        foreach (var destination in _destinations.Values)
            destination.Dispose();
    }

    /// <summary>Passes a request on and its answer back, to its end.</summary>
    /// <returns>What to answer where nothing is answered yet; <see langword="null"/>: nobody waits for it any more.</returns>
    public async Task<IngestResult?> ForwardAsync(HttpContext context, IngestResult.PassOn passOn)
    {
        var (destination, webhookEvent, dedupeKey) = (passOn.Destination, passOn.Event, passOn.DedupeKey);
        var result = dedupeKey is { } key
            ? await _marks[webhookEvent.Source].PassOnceAsync(
                key, webhookEvent.Id, _timeouts[destination], () => ForwardAsync(context, destination, webhookEvent),
                context.RequestAborted).ConfigureAwait(false)
            : await ForwardAsync(context, destination, webhookEvent).ConfigureAwait(false);
        return result switch
        {
            ForwardResult.Ended { Result.StatusCode: not null } => new IngestResult.Proxied(webhookEvent.Id),
            ForwardResult.Ended { Result.Error: DeliveryError.Timeout } => new IngestResult.Unanswered(),
            ForwardResult.Ended => new IngestResult.Unreachable(),
            ForwardResult.Repeat repeat => new IngestResult.Duplicate(repeat.First),
            ForwardResult.StillUnderWay => new IngestResult.Unanswered(),
            ForwardResult.Parked parked => new IngestResult.Parked(parked.For),
            ForwardResult.TooMany => new IngestResult.TooMany(),
            _ => null,
        };
    }

    private async Task<ForwardResult> ForwardAsync(HttpContext context, string destination, WebhookEvent webhookEvent)
    {
        var started = _time.GetTimestamp();
        using var span = GatewayActivity.StartDeliver(webhookEvent, destination, webhookEvent.Trace, attempt: 1);
        var result = await _destinations[destination].ForwardAsync(context, webhookEvent, span).ConfigureAwait(false);
        Report(webhookEvent, destination, result, span, _time.GetElapsedTime(started));
        return result;
    }

    private void Report(WebhookEvent webhookEvent, string destination, ForwardResult result, Activity? span, TimeSpan duration)
    {
        if (result is not ForwardResult.Ended { Result: var answer, BrokeOff: var brokeOff })
        {
            // Nothing was sent, or nobody waited for it: an attempt that tells nothing of the destination.
            span?.SetTag("hookgateway.outcome", "not_sent");
            return;
        }

        var outcome = answer.StatusCode is null ? "failed" : "proxied";
        _metrics.Attempted(destination, outcome, duration);
        AttemptReport.Describe(span, answer.StatusCode, answer.Error, brokeOff ?? answer.Detail, outcome);
        if (answer.StatusCode is null)
            _logger.NotPassedOn(webhookEvent.Id, webhookEvent.Name, destination, answer.Error, answer.Detail);
        else if (brokeOff is not null)
            _logger.BrokeOff(webhookEvent.Id, webhookEvent.Name, destination, answer.StatusCode, brokeOff);
        else
            _logger.PassedOn(webhookEvent.Id, webhookEvent.Name, destination, answer.StatusCode, duration.TotalMilliseconds);
    }
}

using System.Diagnostics;
using System.Net;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Pipeline;
using HookGateway.Verify;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HookGateway.Edge;

/// <summary>Takes a sender's request: within the limits, into the pipeline, and answers.</summary>
internal sealed class IngestEndpoint
{
    private readonly EventPipeline _pipeline;
    private readonly ProxyForwarder _proxy;
    private readonly LimitsConfiguration _limits;
    private readonly GatewayMetrics _metrics;
    private readonly TraceSampling _sampling;
    private readonly TimeProvider _time;
    private readonly ILogger<IngestEndpoint> _logger;
    private readonly string? _publicOrigin;
    private int _underWay;

    public IngestEndpoint(
        EventPipeline pipeline, ProxyForwarder proxy, GatewayConfiguration configuration, GatewayMetrics metrics,
        TraceSampling sampling, TimeProvider time, ILogger<IngestEndpoint> logger)
    {
        _pipeline = pipeline;
        _proxy = proxy;
        _limits = configuration.Limits;
        _publicOrigin = configuration.Listen.PublicUrl?.GetLeftPart(UriPartial.Authority);
        _metrics = metrics;
        _sampling = sampling;
        _time = time;
        _logger = logger;
    }

    public async Task HandleAsync(HttpContext context)
    {
        var started = _time.GetTimestamp();
        var source = _pipeline.FindSource(context.Request.Path);
        if (source is null)
        {
            await IngestAnswer.WriteAsync(context.Response, new IngestResult.NoSuchSource()).ConfigureAwait(false);
            return;
        }

        var traceParent = context.Request.Headers.TraceParent.Count == 1 ? context.Request.Headers.TraceParent[0] : null;
        using var span = GatewayActivity.StartReceive(_sampling, source.Name, traceParent, out var trace);
        Passage passage;
        try
        {
            passage = Interlocked.Increment(ref _underWay) <= _limits.ConcurrentRequests
                ? await TakeAsync(context, source, trace).ConfigureAwait(false)
                : new Passage(new IngestResult.TooMany(), null);
            if (passage.Result is IngestResult.PassOn passOn)
                passage = passage with { Result = await _proxy.ForwardAsync(context, passOn).ConfigureAwait(false) ?? new IngestResult.Gone() };
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }

        if (passage.Result is IngestResult.Gone)
        {
            context.Abort();
            return;
        }

        await IngestAnswer.WriteAsync(context.Response, passage.Result).ConfigureAwait(false);
        Report(context, source.Name, passage, span, _time.GetElapsedTime(started));
    }

    private ValueTask<Passage> TakeAsync(HttpContext context, SourceRuntime source, TraceContext trace)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
            return new(new Passage(new IngestResult.MethodNotAllowed(), null));

        // Two lengths are how requests are smuggled past a proxy (RFC 9112, section 6.1). Kestrel goes by the chunks and
        // keeps the other length under this name.
        if (request.Headers.TransferEncoding.Count > 0 && request.Headers.ContainsKey("X-Content-Length"))
            return new(new Passage(new IngestResult.Malformed("The request has both Content-Length and Transfer-Encoding."), null));

        var receivedAt = _time.GetUtcNow();
        var reading = RequestBody.ReadAsync(request, _limits.BodySize, _limits.RequestTimeout, _time);
        return reading.IsCompletedSuccessfully
            ? PassAsync(context, source, receivedAt, reading.Result, trace)
            : WaitAndPassAsync(context, source, receivedAt, reading, trace);
    }

    private async ValueTask<Passage> WaitAndPassAsync(
        HttpContext context, SourceRuntime source, DateTimeOffset receivedAt,
        ValueTask<(BodyOutcome Outcome, ReadOnlyMemory<byte> Body)> reading, TraceContext trace) =>
        await PassAsync(context, source, receivedAt, await reading.ConfigureAwait(false), trace).ConfigureAwait(false);

    private ValueTask<Passage> PassAsync(
        HttpContext context, SourceRuntime source, DateTimeOffset receivedAt,
        (BodyOutcome Outcome, ReadOnlyMemory<byte> Body) read, TraceContext trace)
    {
        var request = context.Request;
        return read.Outcome switch
        {
            BodyOutcome.TooLarge => new(new Passage(new IngestResult.TooLarge(_limits.BodySize), null)),
            BodyOutcome.TooSlow => new(new Passage(new IngestResult.TooSlow(), null)),
            BodyOutcome.Broken => new(new Passage(
                context.RequestAborted.IsCancellationRequested
                    ? new IngestResult.Gone()
                    : new IngestResult.Malformed("The body is not as its Transfer-Encoding says."),
                null)),
            _ => _pipeline.PassAsync(
                source,
                new ReceivedRequest
                {
                    Method = request.Method,
                    Origin = _publicOrigin ?? (request.IsHttps ? "https://" : "http://") + request.Host.Value,
                    PathAndQuery = request.QueryString.HasValue ? request.Path + request.QueryString : request.Path.Value!,
                    Headers = request.Headers,
                    Query = request.QueryString.HasValue ? request.Query : QueryCollection.Empty,
                    Body = read.Body,
                    RemoteAddress = AddressOf(context.Connection.RemoteIpAddress),
                    ReceivedAt = receivedAt,
                },
                trace),
        };
    }

    private static IPAddress? AddressOf(IPAddress? address) =>
        address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    private void Report(
        HttpContext context, string source, Passage passage, Activity? span, TimeSpan duration)
    {
        var (result, eventName) = passage;
        _metrics.Received(source, eventName, result.Outcome, duration);
        if (result is IngestResult.Rejected rejected)
        {
            _metrics.Rejected(source, rejected.Reason);
            _logger.Rejected(source, rejected.Reason, context.Connection.RemoteIpAddress);
        }
        else if (result is IngestResult.Unavailable unavailable)
        {
            _logger.Unavailable(source, unavailable.Reason);
        }

        if (span is not { IsAllDataRequested: true })
            return;

        var request = context.Request;
        var status = context.Response.StatusCode;
        span.SetTag("http.request.method", request.Method);
        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("url.path", request.Path.Value);
        span.SetTag("network.protocol.version", request.Protocol is "HTTP/2" ? "2" : "1.1");
        span.SetTag("client.address", context.Connection.RemoteIpAddress?.ToString());
        span.SetTag("http.response.status_code", status);
        span.SetTag("hookgateway.source", source);
        span.SetTag("hookgateway.outcome", result.Outcome);
        if (eventName is not null)
            span.SetTag("hookgateway.event", eventName);

        if (result is IngestResult.Accepted { Id: var id })
            span.SetTag("hookgateway.event_id", id.ToString());
        else if (result is IngestResult.Duplicate { First: var first })
            span.SetTag("hookgateway.event_id", first.ToString());
        else if (result is IngestResult.Proxied { Id: var passedOn })
            span.SetTag("hookgateway.event_id", passedOn.ToString());

        // A sender's mistake is not the server's error (OpenTelemetry's HTTP conventions).
        if (status >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }
}

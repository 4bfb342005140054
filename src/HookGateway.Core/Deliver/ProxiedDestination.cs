using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Threading.RateLimiting;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace HookGateway.Deliver;

/// <summary>
/// A destination that requests are passed on to: YARP's forwarder between the caller and one of its addresses, within the
/// breaker that its deliveries go through as well.
/// </summary>
internal sealed class ProxiedDestination(
    DestinationLink link, DestinationPipeline pipeline, IHttpForwarder forwarder, TimeProvider time) : IDisposable
{
    // Beside the deliveries: callers who take their time with an answer shall not hold these up.
    private readonly ConcurrencyLimiter _underWay = new(new ConcurrencyLimiterOptions { PermitLimit = link.Destination.Concurrency });

    // From the request to its answer's headers, and then from one piece of its body to the next.
    private readonly ForwarderRequestConfig _plain = ConfigOf(link.Destination.Timeout, HttpVersion.Version11);
    private readonly ForwarderRequestConfig _secure = ConfigOf(link.Destination.Timeout, HttpVersion.Version20);

    public void Dispose() => _underWay.Dispose();

    public async ValueTask<ForwardResult> ForwardAsync(HttpContext context, WebhookEvent webhookEvent, Activity? span)
    {
        using var permit = _underWay.AttemptAcquire();
        if (!permit.IsAcquired)
            return new ForwardResult.TooMany();

        // The breaker is told what it is told of deliveries: the answer's status, not how long its body takes.
        Task<ForwardResult>? forwarding = null;
        var made = await pipeline.GuardAsync(
            cancel =>
            {
                var answered = new TaskCompletionSource<AttemptResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                forwarding = ForwardAsync(context, webhookEvent, span, answered, cancel);
                return new ValueTask<AttemptResult>(answered.Task);
            },
            context.RequestAborted).ConfigureAwait(false);
        return made is PipelineResult.Parked parked ? new ForwardResult.Parked(parked.For)
            : forwarding is null ? new ForwardResult.CallerGone()
            : await forwarding.ConfigureAwait(false);
    }

    /// <summary>Completes <paramref name="answered"/> whatever happens, and before it ends.</summary>
    private async Task<ForwardResult> ForwardAsync(
        HttpContext context, WebhookEvent webhookEvent, Activity? span, TaskCompletionSource<AttemptResult> answered,
        CancellationToken cancellationToken)
    {
        ForwardResult result;
        try
        {
            result = await ForwardAsync(context, webhookEvent, span, answered.SetResult, cancellationToken).ConfigureAwait(false);
        }
        catch (AccessTokenException fault)
        {
            result = new ForwardResult.Ended(new AttemptResult(null, DeliveryError.Token, fault.Message, null));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = new ForwardResult.CallerGone();
        }
        catch (Exception error)
        {
            result = new ForwardResult.Ended(Failures.Describe(error));
        }

        if (result is ForwardResult.Ended ended)
            answered.TrySetResult(ended.Result);
        else
            answered.TrySetCanceled(CancellationToken.None);

        return result;
    }

    private async ValueTask<ForwardResult> ForwardAsync(
        HttpContext context, WebhookEvent webhookEvent, Activity? span, Action<AttemptResult> hasAnswered,
        CancellationToken cancellationToken)
    {
        var token = await link.TokenAsync(cancellationToken).ConfigureAwait(false);
        var address = link.Addresses.Take();
        AttemptResult? answer = null;
        try
        {
            var url = link.UrlOf(address);
            span?.SetTag("server.address", url.Host);
            span?.SetTag("server.port", url.Port);
            var transformer = new ProxiedExchange(link, url, webhookEvent, token, span, time.GetUtcNow(), given =>
            {
                answer = given;
                hasAnswered(given);
            });

            // What was read to be verified is read again, and nothing of it is an upgrade of the connection.
            context.Request.Body = PipeReader.Create(new ReadOnlySequence<byte>(webhookEvent.Body)).AsStream();
            context.Request.Headers.Remove("Upgrade");
            var config = url.Scheme == Uri.UriSchemeHttps ? _secure : _plain;
            var error = await forwarder.SendAsync(
                context, url.AbsoluteUri, link.Client, config, transformer, cancellationToken).ConfigureAwait(false);
            return Conclude(context, answer, error);
        }
        finally
        {
            link.Addresses.Return(address, answer is not null || context.RequestAborted.IsCancellationRequested);
        }
    }

    private ForwardResult Conclude(HttpContext context, AttemptResult? answer, ForwarderError error)
    {
        if (error == ForwarderError.None)
            return new ForwardResult.Ended(answer!);

        // YARP has ended the connection where the caller has the beginning of an answer already.
        if (context.Response.HasStarted)
            return new ForwardResult.Ended(answer!, error.ToString());

        if (context.RequestAborted.IsCancellationRequested)
            return new ForwardResult.CallerGone();

        context.Response.Clear();
        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        if (error == ForwarderError.RequestTimedOut || exception is AggregateException { InnerExceptions: [OperationCanceledException, ..] })
        {
            return new ForwardResult.Ended(new AttemptResult(
                null, DeliveryError.Timeout, $"no answer within {link.Destination.Timeout.TotalSeconds:0.###} s", null));
        }

        return new ForwardResult.Ended(Failures.Describe(
            exception is AggregateException { InnerExceptions: [.., var last] } ? last : exception ?? new IOException()));
    }

    private static ForwarderRequestConfig ConfigOf(TimeSpan timeout, Version version) => new()
    {
        ActivityTimeout = timeout,
        Version = version,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };
}

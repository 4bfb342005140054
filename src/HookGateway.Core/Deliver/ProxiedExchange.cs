using System.Diagnostics;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace HookGateway.Deliver;

/// <summary>
/// What YARP sends and what it passes back for one request: the body as it is, under the headers of a delivery and those by
/// which the caller says what answer it takes; the answer as it is.
/// </summary>
internal sealed class ProxiedExchange(
    DestinationLink link, Uri url, WebhookEvent webhookEvent, AccessToken? token, Activity? span, DateTimeOffset now,
    Action<AttemptResult> hasAnswered) : HttpTransformer
{
    private static readonly string[] WhatTheCallerTakes = ["Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language"];

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        proxyRequest.RequestUri = url;
        if (proxyRequest.Content is { } content)
        {
            content.Headers.ContentLength = webhookEvent.Body.Length;
            if (webhookEvent.ContentType is { } contentType)
                content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var name in WhatTheCallerTakes)
        {
            if (httpContext.Request.Headers.TryGetValue(name, out var values))
                proxyRequest.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
        }

        DeliveryRequest.AddHeaders(
            proxyRequest, link.Destination, webhookEvent, attempt: 1, now,
            span?.Id ?? DeliveryRequest.TraceParent(webhookEvent.Trace), link.ForwardedOf(webhookEvent));
        link.Prove(proxyRequest, webhookEvent.Id, webhookEvent.Body.Span, now, token);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
            return false;

        var status = (int)proxyResponse.StatusCode;
        if (status == StatusCodes.Status101SwitchingProtocols)
            throw new HttpRequestException(HttpRequestError.InvalidResponse);

        await link.TryDropAsync(token, status).ConfigureAwait(false);
        var copies = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken).ConfigureAwait(false);
        hasAnswered(proxyResponse.IsSuccessStatusCode
            ? AttemptResult.Success(status)
            : new AttemptResult(status, DeliveryError.Status, $"HTTP {status}", null));
        return copies;
    }
}

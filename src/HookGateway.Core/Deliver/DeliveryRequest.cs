using System.Diagnostics;
using System.Globalization;
using HookGateway.Configuration;
using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>The HTTP request of one attempt: the sender's body and content type untouched, or the template's, and the gateway's headers.</summary>
internal static class DeliveryRequest
{
    public static HttpRequestMessage Create(
        DestinationConfiguration destination, Uri url, Delivery delivery, int attempt, DateTimeOffset now, Activity? span,
        IEnumerable<KeyValuePair<string, string>>? forwarded = null, DeliveryBody? rendered = null)
    {
        var webhookEvent = delivery.Event;
        var body = rendered ?? new DeliveryBody(webhookEvent.Body, webhookEvent.ContentType);
        var content = new ReadOnlyMemoryContent(body.Bytes);
        if (body.ContentType is { } contentType)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = content,

            // HTTP/2 needs TLS to be negotiated; without it a downstream is taken to speak HTTP/1.1.
            Version = url.Scheme == Uri.UriSchemeHttps ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };

        if (delivery.Replay is { } replay)
        {
            request.Headers.TryAddWithoutValidation("X-HookGateway-Replay", "true");
            if (replay.Bulk is { } bulk)
                request.Headers.TryAddWithoutValidation("X-HookGateway-Replay-Id", bulk.ToString(CultureInfo.InvariantCulture));
        }

        if (delivery.Sequence is { } sequence)
            request.Headers.TryAddWithoutValidation("X-HookGateway-Sequence", sequence.ToString(CultureInfo.InvariantCulture));

        AddHeaders(request, destination, webhookEvent, attempt, now, span?.Id ?? TraceParent(delivery.Trace), forwarded ?? []);
        return request;
    }

    /// <summary>The gateway's own headers, those of the sender's that pass, and those that the destination configures.</summary>
    public static void AddHeaders(
        HttpRequestMessage request, DestinationConfiguration destination, WebhookEvent webhookEvent, int attempt, DateTimeOffset now,
        string traceParent, IEnumerable<KeyValuePair<string, string>> forwarded)
    {
        var headers = request.Headers;
        headers.TryAddWithoutValidation("webhook-id", webhookEvent.Id.ToString());
        headers.TryAddWithoutValidation("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        headers.TryAddWithoutValidation("X-HookGateway-Event", Printable(webhookEvent.Name));
        headers.TryAddWithoutValidation("X-HookGateway-Source", webhookEvent.Source);
        headers.TryAddWithoutValidation("X-HookGateway-Attempt", attempt.ToString(CultureInfo.InvariantCulture));
        if (webhookEvent.SourceId is { } sourceId)
            headers.TryAddWithoutValidation("X-HookGateway-Source-Id", Printable(sourceId));

        if (webhookEvent.Origin != EventOrigin.Sender)
            headers.TryAddWithoutValidation("X-HookGateway-Origin", webhookEvent.Origin == EventOrigin.Coalesce ? "coalesce" : "reconcile");

        headers.TryAddWithoutValidation("traceparent", traceParent);
        foreach (var (name, value) in forwarded)
            Forward(request, name, value);

        foreach (var (name, value) in destination.Headers)
            Override(request, name, value);
    }

    private static void Forward(HttpRequestMessage request, string name, string value)
    {
        if (!request.Headers.TryAddWithoutValidation(name, value))
            request.Content?.Headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>Configured headers win over the gateway's own.</summary>
    private static void Override(HttpRequestMessage request, string name, string value)
    {
        if (request.Headers.NonValidated.Contains(name))
            request.Headers.Remove(name);

        if (request.Headers.TryAddWithoutValidation(name, value))
            return;

        // A header of the content: Content-Type, Content-Language and so on. A request that is passed on may have none.
        if (request.Content?.Headers is not { } content)
            return;

        if (content.NonValidated.Contains(name))
            content.Remove(name);

        content.TryAddWithoutValidation(name, value);
    }

    /// <summary>Of an event whose trace is not kept: its trace id still reaches the downstream.</summary>
    public static string TraceParent(TraceContext trace) => trace.ToTraceParent(sampled: false);

    /// <summary>A sender's text as a header's value: control characters, which could end the header, are escaped.</summary>
    private static string Printable(string text) => text.AsSpan().ContainsAnyInRange('\0', '\u001f') || text.Contains('\u007f')
        ? Uri.EscapeDataString(text)
        : text;
}

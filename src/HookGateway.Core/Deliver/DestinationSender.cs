using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;
using Yarp.ReverseProxy.Model;

namespace HookGateway.Deliver;

/// <summary>Makes one attempt at one destination: one request through its YARP cluster, its answer read with a limit.</summary>
internal sealed class DestinationSender(
    DestinationConfiguration destination, ClusterState cluster, AddressChoice addresses, ForwardedHeaders forwarded,
    EgressGuard egress, TimeProvider time)
{
    /// <summary>So much of an answer is read; one that is longer costs its connection.</summary>
    private const int AnswerLimit = 64 * 1024;

    /// <summary>So much of a failed attempt's answer is kept.</summary>
    private const int AnswerKept = 4 * 1024;

    // By the address as YARP holds it: as many as are configured, parsed once and not at every attempt.
    private readonly ConcurrentDictionary<string, Uri> _urls = new();

    private readonly WebhookSignature? _signature =
        destination.SigningSecrets.Count > 0 ? new WebhookSignature(destination.SigningSecrets) : null;

    private readonly DeliveryTemplate? _template =
        destination.Template is { } template ? new DeliveryTemplate(template, time) : null;

    /// <summary>Every failure of the downstream is a result.</summary>
    /// <exception cref="OperationCanceledException">The attempt's time is over, or the gateway is stopping.</exception>
    public async ValueTask<AttemptResult> SendAsync(
        Delivery delivery, int attempt, Activity? span, CancellationToken cancellationToken)
    {
        DeliveryBody? rendered = null;
        if (_template is not null)
        {
            // Before an address is taken: a template that fails says nothing against it.
            var seen = delivery.Event with { Headers = [.. forwarded.For(destination.Name, delivery.Event)] };
            if (!_template.TryRender(seen, out var body, out var problem))
                return new AttemptResult(null, DeliveryError.Template, problem, null);

            rendered = body;
        }

        var address = addresses.Take();
        var hasAnswered = false;
        try
        {
            var result = await SendAsync(
                UrlOf(address), delivery, rendered, attempt, span, cancellationToken).ConfigureAwait(false);
            hasAnswered = result.StatusCode is not null;
            return result;
        }
        finally
        {
            addresses.Return(address, hasAnswered);
        }
    }

    private Uri UrlOf(DestinationState address) =>
        _urls.GetOrAdd(address.Model.Config.Address, static configured => new Uri(configured));

    private async ValueTask<AttemptResult> SendAsync(
        Uri url, Delivery delivery, DeliveryBody? rendered, int attempt, Activity? span, CancellationToken cancellationToken)
    {
        span?.SetTag("server.address", url.Host);
        span?.SetTag("server.port", url.Port);
        try
        {
            CheckBehindProxy(url);
            var now = time.GetUtcNow();
            using var request = DeliveryRequest.Create(
                destination, url, delivery, attempt, now, span, forwarded.For(destination.Name, delivery.Event), rendered);
            Prove(request, delivery.Event.Id, (rendered?.Bytes ?? delivery.Event.Body).Span, now);
            using var response = await cluster.Model.HttpClient.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var result = Judge(response);
            var answer = await ReadAnswerAsync(response, cancellationToken).ConfigureAwait(false);
            return result.Succeeded ? result : result with { Answer = answer };
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Failures.Describe(error);
        }
    }

    // Through a proxy nothing but the proxy is dialled here: what it dials can be checked only where the URL says it.
    private void CheckBehindProxy(Uri url)
    {
        if (destination.Proxy is not null && IPAddress.TryParse(url.Host, out var address) && !egress.Allows(address))
            throw new EgressDeniedException(address);
    }

    /// <summary>Signs the request and adds credentials, so that the downstream can tell whom it is from.</summary>
    private void Prove(HttpRequestMessage request, EventId id, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (_signature?.Of(id.ToString(), now, body) is { } signature)
            request.Headers.TryAddWithoutValidation("webhook-signature", signature);

        if (destination.Auth is { } auth)
            RequestCredentials.Apply(auth, request);
    }

    private AttemptResult Judge(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
            return new AttemptResult(status, DeliveryError.None, null, null);

        var retryAfter = status is 429 or 503 ? RetryAfterOf(response) : null;
        return new AttemptResult(status, DeliveryError.Status, $"HTTP {status}", retryAfter);
    }

    /// <summary>Both forms of RFC 9110, section 10.2.3: seconds, or a date.</summary>
    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter;
        return asked?.Delta ?? (asked?.Date - time.GetUtcNow());
    }

    /// <summary>
    /// Reads the answer's body, so that its connection can be used again, and gives its beginning. The status has decided: a
    /// body that breaks off or trickles on makes nothing of a 2xx, or the event would be sent again to one who has it.
    /// </summary>
    private static async ValueTask<string?> ReadAnswerAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength == 0)
            return null;

        var buffer = ArrayPool<byte>.Shared.Rent(AnswerLimit);
        var total = 0;
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            int read;
            while (total < AnswerLimit
                && (read = await stream.ReadAsync(buffer.AsMemory(total, AnswerLimit - total), cancellationToken).ConfigureAwait(false)) > 0)
            {
                total += read;
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            // Disposing of the response ends its connection.
        }

        var beginning = response.IsSuccessStatusCode ? null : AsText(buffer.AsSpan(0, Math.Min(total, AnswerKept)));
        ArrayPool<byte>.Shared.Return(buffer);
        return beginning;
    }

    // Cut anywhere, also within a character.
    private static string? AsText(ReadOnlySpan<byte> answer) =>
        answer.IsEmpty ? null : Encoding.UTF8.GetString(answer).TrimEnd('\uFFFD');
}

using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Text;
using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>Makes one attempt at one destination: one request through its YARP cluster, its answer read with a limit.</summary>
internal sealed class DestinationSender(DestinationLink link, TimeProvider time)
{
    /// <summary>So much of an answer is read; one that is longer costs its connection.</summary>
    private const int AnswerLimit = 64 * 1024;

    /// <summary>So much of a failed attempt's answer is kept.</summary>
    private const int AnswerKept = 4 * 1024;

    private readonly DeliveryTemplate? _template =
        link.Destination.Template is { } template ? new DeliveryTemplate(template, time) : null;

    /// <summary>Every failure of the downstream is a result.</summary>
    /// <exception cref="OperationCanceledException">The attempt's time is over, or the gateway is stopping.</exception>
    public ValueTask<AttemptResult> SendAsync(
        Delivery delivery, int attempt, Activity? span, CancellationToken cancellationToken) =>
        _template is null && !link.UsesTokens
            ? SendAsync(delivery, null, null, attempt, span, cancellationToken)
            : PrepareAndSendAsync(delivery, attempt, span, cancellationToken);

    private async ValueTask<AttemptResult> PrepareAndSendAsync(
        Delivery delivery, int attempt, Activity? span, CancellationToken cancellationToken)
    {
        DeliveryBody? rendered = null;
        if (_template is not null)
        {
            // A template may compute for a second, and this may be the thread of a socket, which others wait for.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

            // Before an address is taken: a template that fails says nothing against it.
            var seen = delivery.Event with { Headers = [.. link.ForwardedOf(delivery.Event)] };
            if (!_template.TryRender(seen, out var body, out var problem))
                return new AttemptResult(null, DeliveryError.Template, problem, null);

            rendered = body;
        }

        try
        {
            var token = await link.TokenAsync(cancellationToken).ConfigureAwait(false);
            var result = await SendAsync(delivery, rendered, token, attempt, span, cancellationToken).ConfigureAwait(false);

            // A token can be revoked at any time: that shall not cost an attempt, or the delivery where 401 gives up on it.
            if (!await link.TryDropAsync(token, result.StatusCode).ConfigureAwait(false))
                return result;

            token = await link.TokenAsync(cancellationToken).ConfigureAwait(false);
            return await SendAsync(delivery, rendered, token, attempt, span, cancellationToken).ConfigureAwait(false);
        }
        catch (AccessTokenException fault)
        {
            return new AttemptResult(null, DeliveryError.Token, fault.Message, null);
        }
    }

    private async ValueTask<AttemptResult> SendAsync(
        Delivery delivery, DeliveryBody? rendered, AccessToken? token, int attempt, Activity? span,
        CancellationToken cancellationToken)
    {
        var address = link.Addresses.Take();
        var hasAnswered = false;
        try
        {
            var url = link.UrlOf(address);
            span?.SetTag("server.address", url.Host);
            span?.SetTag("server.port", url.Port);
            var now = time.GetUtcNow();
            using var request = DeliveryRequest.Create(
                link.Destination, url, delivery, attempt, now, span, link.ForwardedOf(delivery.Event), rendered);
            link.Prove(request, delivery.Event.Id, (rendered?.Bytes ?? delivery.Event.Body).Span, now, token);
            using var response = await link.Client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            hasAnswered = true;
            var result = Judge(response);
            var answer = await ReadAnswerAsync(response, cancellationToken).ConfigureAwait(false);
            return result.Succeeded ? result : result with { Answer = answer };
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Failures.Describe(error);
        }
        finally
        {
            link.Addresses.Return(address, hasAnswered);
        }
    }

    private AttemptResult Judge(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
            return AttemptResult.Success(status);

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
        if (response.StatusCode == HttpStatusCode.NoContent || response.Content.Headers.ContentLength == 0)
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

using System.Buffers;
using System.Diagnostics;
using HookGateway.Configuration;
using HookGateway.Events;
using Yarp.ReverseProxy.Model;

namespace HookGateway.Deliver;

/// <summary>Makes one attempt at one destination: one request through its YARP cluster, its answer read with a limit.</summary>
internal sealed class DestinationSender(DestinationConfiguration destination, ClusterState cluster, TimeProvider time)
{
    /// <summary>So much of an answer is read; one that is longer costs its connection.</summary>
    private const int AnswerLimit = 64 * 1024;

    private readonly DeliveryTemplate? _template =
        destination.Template is { } template ? new DeliveryTemplate(template, time) : null;

    private DestinationModel? _model;
    private Uri _url = destination.Url;

    /// <summary>Every failure of the downstream is a result.</summary>
    /// <exception cref="OperationCanceledException">The attempt's time is over, or the gateway is stopping.</exception>
    public async ValueTask<AttemptResult> SendAsync(
        Delivery delivery, int attempt, Activity? span, CancellationToken cancellationToken)
    {
        DeliveryBody? rendered = null;
        if (_template is not null)
        {
            if (!_template.TryRender(delivery.Event, out var body, out var problem))
                return new AttemptResult(null, DeliveryError.Template, problem, null);

            rendered = body;
        }

        var url = PickUrl();
        span?.SetTag("server.address", url.Host);
        span?.SetTag("server.port", url.Port);
        using var request = DeliveryRequest.Create(destination, url, delivery, attempt, time.GetUtcNow(), span, rendered);
        try
        {
            using var response = await cluster.Model.HttpClient.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var result = Judge(response);
            await ReadRestAsync(response, cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch (HttpRequestException error)
        {
            return Failures.Describe(error);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The HTTP client's own limit on connecting, which it reports as if somebody had cancelled.
            return Failures.NoConnectionInTime;
        }
    }

    /// <summary>YARP's choice among the cluster's addresses; all of them where it holds none for healthy.</summary>
    private Uri PickUrl()
    {
        var state = cluster.DestinationsState;
        var addresses = state.AvailableDestinations.Count > 0 ? state.AvailableDestinations : state.AllDestinations;
        var model = addresses[0].Model;
        if (!ReferenceEquals(model, _model))
        {
            _url = new Uri(model.Config.Address);
            _model = model;
        }

        return _url;
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
    /// Reads the answer's body, so that its connection can be used again. The status has decided: a body that breaks off or
    /// trickles on makes nothing of a 2xx, or the event would be sent again to one who has it.
    /// </summary>
    private static async ValueTask ReadRestAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength == 0)
            return;

        try
        {
            await DrainAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            // Disposing of the response ends its connection.
        }
    }

    private static async ValueTask DrainAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            var total = 0;
            int read;
            while (total < AnswerLimit && (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                total += read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

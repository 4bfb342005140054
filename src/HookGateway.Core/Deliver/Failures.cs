using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>Puts an HTTP client's exceptions into the classes that logs, traces and the event log show.</summary>
internal static class Failures
{
    /// <summary>Whatever was thrown while a request was made or its answer read. Messages of the HTTP client are never passed on:
    /// they name hosts and URLs.</summary>
    public static AttemptResult Describe(Exception error)
    {
        if (Find<EgressDeniedException>(error) is { } denied)
            return Failed(DeliveryError.Connect, "no connection: " + denied.Message);

        if (Find<AuthenticationException>(error) is { } authentication)
            return Failed(DeliveryError.Tls, "the TLS handshake failed: " + authentication.Message);

        // TLS 1.3 refuses a client's certificate only after the client's own part of the handshake is done.
        if (Find<CryptographicException>(error) is { } refused)
            return Failed(DeliveryError.Tls, "the TLS connection was ended: " + refused.Message);

        // The client's own class knows one of these codes only.
        if (Find<SocketException>(error)?.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain
            or SocketError.NoRecovery or SocketError.NoData)
        {
            return Failed(DeliveryError.Dns, "the name cannot be resolved");
        }

        return error switch
        {
            HttpRequestException request => OfRequest(request),

            // The HTTP client's own limit on connecting, which it reports as if somebody had cancelled.
            OperationCanceledException => Failed(DeliveryError.Connect, "no connection: TimedOut"),
            _ => Failed(DeliveryError.Protocol, $"the request could not be made ({error.GetType().Name})"),
        };
    }

    private static AttemptResult OfRequest(HttpRequestException error) => error.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => Failed(DeliveryError.Dns, "the name cannot be resolved"),
        HttpRequestError.SecureConnectionError => Failed(DeliveryError.Tls, "the TLS handshake failed: " + SocketReason(error)),
        HttpRequestError.ConnectionError => Failed(DeliveryError.Connect, "no connection: " + SocketReason(error)),
        HttpRequestError.ProxyTunnelError => Failed(DeliveryError.Connect, "no connection: the proxy refused it"),
        HttpRequestError.ResponseEnded => Failed(DeliveryError.Reset, "the connection was closed before the answer"),

        // Over HTTP/2 a connection that is closed in the middle is reported so, for the frame that did not come.
        HttpRequestError.InvalidResponse when error.InnerException is IOException =>
            Failed(DeliveryError.Reset, "the connection was closed before the answer"),
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError =>
            Failed(DeliveryError.Protocol, "the answer is not valid HTTP"),
        HttpRequestError.ConfigurationLimitExceeded => Failed(DeliveryError.Protocol, "the answer's headers are too large"),
        _ when error.InnerException is IOException or SocketException => Failed(
            DeliveryError.Reset, "the connection broke: " + SocketReason(error)),
        _ => Failed(DeliveryError.Protocol, $"the request failed ({error.HttpRequestError})"),
    };

    private static AttemptResult Failed(DeliveryError error, string detail) => new(null, error, detail, null);

    private static string SocketReason(Exception error) =>
        Find<SocketException>(error)?.SocketErrorCode.ToString() ?? "closed";

    private static T? Find<T>(Exception error)
        where T : Exception
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is T found)
                return found;
        }

        return null;
    }
}

using System.Net.Sockets;
using System.Security.Authentication;
using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>Puts an HTTP client's exceptions into the classes that logs, traces and the event log show.</summary>
internal static class Failures
{
    public static AttemptResult NoConnectionInTime { get; } = Failed(DeliveryError.Connect, "no connection: TimedOut");

    public static AttemptResult Describe(HttpRequestException error) => error.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => Failed(DeliveryError.Dns, "the name cannot be resolved"),
        HttpRequestError.SecureConnectionError => Failed(DeliveryError.Tls, "the TLS handshake failed: " + TlsReason(error)),
        HttpRequestError.ConnectionError => Failed(DeliveryError.Connect, "no connection: " + SocketReason(error)),
        HttpRequestError.ResponseEnded => Failed(DeliveryError.Reset, "the connection was closed before the answer"),
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError
            or HttpRequestError.ConfigurationLimitExceeded => Failed(DeliveryError.Protocol, "the answer is not valid HTTP"),
        _ when error.InnerException is IOException or SocketException => Failed(
            DeliveryError.Reset, "the connection broke: " + SocketReason(error)),
        _ => Failed(DeliveryError.Protocol, $"the request failed ({error.HttpRequestError})"),
    };

    private static AttemptResult Failed(DeliveryError error, string detail) => new(null, error, detail, null);

    // Messages of the HTTP client name hosts and URLs; a socket's error code does not.
    private static string SocketReason(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
                return socket.SocketErrorCode.ToString();
        }

        return "closed";
    }

    private static string TlsReason(Exception error) =>
        error.InnerException is AuthenticationException authentication ? authentication.Message : SocketReason(error);
}

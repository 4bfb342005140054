using System.Net;
using Microsoft.Extensions.Logging;

namespace HookGateway.Edge;

internal static partial class EdgeLog
{
    [LoggerMessage(1, LogLevel.Warning, "Request to source {Source} from {Address} refused: {Reason}")]
    public static partial void Rejected(this ILogger logger, string source, string reason, IPAddress? address);

    [LoggerMessage(2, LogLevel.Error, "An event of source {Source} could not be stored and was answered 503: {Reason}")]
    public static partial void Unavailable(this ILogger logger, string source, string reason);

    [LoggerMessage(3, LogLevel.Warning, "HTTPS uses a certificate that this process signed itself: senders will refuse it. Name listen.https.certificate and key")]
    public static partial void SelfSigned(this ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "The certificate {Path} is in use: {Subject}, valid until {NotAfter:O}")]
    public static partial void CertificateLoaded(this ILogger logger, string path, string subject, DateTime notAfter);

    [LoggerMessage(5, LogLevel.Error, "The changed certificate {Path} cannot be used; the one before stays in use: {Reason}")]
    public static partial void CertificateRefused(this ILogger logger, string path, string reason);
}

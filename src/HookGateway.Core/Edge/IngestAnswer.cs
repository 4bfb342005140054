using System.Globalization;
using System.Text;
using System.Text.Json;
using HookGateway.Events;
using HookGateway.Pipeline;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Edge;

/// <summary>The one mapping of what became of a request to HTTP.</summary>
internal static class IngestAnswer
{
    // How long a sender should stay away when the gateway cannot take its event now.
    private const string RetryAfterSeconds = "5";

    public static Task WriteAsync(HttpResponse response, IngestResult result)
    {
        switch (result)
        {
            case IngestResult.Accepted accepted:
                return WriteStatusAsync(response, accepted.Status, accepted.Id, "accepted"u8);

            case IngestResult.Duplicate duplicate:
                return WriteStatusAsync(response, StatusCodes.Status200OK, duplicate.First, "duplicate"u8);

            case IngestResult.Captured captured:
                return WriteAsync(response, captured.Status, "application/json", "{\"status\": \"captured\"}"u8);

            case IngestResult.Rejected:
                response.Headers.WWWAuthenticate = "Signature realm=\"hookgateway\"";
                return WriteProblemAsync(response, StatusCodes.Status401Unauthorized, "Unauthorized", "The request could not be verified.");

            case IngestResult.Malformed malformed:
                return WriteProblemAsync(response, StatusCodes.Status400BadRequest, "Bad Request", malformed.Problem);

            case IngestResult.UnsupportedMediaType unsupported:
                return WriteProblemAsync(
                    response, StatusCodes.Status415UnsupportedMediaType, "Unsupported Media Type", unsupported.Problem);

            case IngestResult.NoSuchSource:
                return WriteProblemAsync(response, StatusCodes.Status404NotFound, "Not Found", "No source receives at this path.");

            case IngestResult.MethodNotAllowed:
                response.Headers.Allow = "POST";
                return WriteProblemAsync(
                    response, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed", "Events are sent with POST.");

            case IngestResult.TooLarge large:
                return WriteProblemAsync(
                    response, StatusCodes.Status413PayloadTooLarge, "Content Too Large", $"A body may have {large.Limit} bytes at most.");

            case IngestResult.TooSlow:
                // HTTP/2 ends the stream, and has no such header.
                if (HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol))
                    response.Headers.Connection = "close";

                return WriteProblemAsync(
                    response, StatusCodes.Status408RequestTimeout, "Request Timeout", "The body did not arrive in time.");

            case IngestResult.TooMany:
                response.Headers.RetryAfter = RetryAfterSeconds;
                return WriteProblemAsync(
                    response, StatusCodes.Status429TooManyRequests, "Too Many Requests", "Too many requests are under way.");

            case IngestResult.Proxied:
                // Answered, word for word.
                return Task.CompletedTask;

            case IngestResult.Unreachable:
                return WriteProblemAsync(
                    response, StatusCodes.Status502BadGateway, "Bad Gateway", "The destination could not be reached.");

            case IngestResult.Unanswered:
                return WriteProblemAsync(
                    response, StatusCodes.Status504GatewayTimeout, "Gateway Timeout", "The destination did not answer in time.");

            case IngestResult.Parked parked:
                response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(parked.For.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                return WriteProblemAsync(
                    response, StatusCodes.Status503ServiceUnavailable, "Service Unavailable",
                    "The destination has failed too often: it is left alone for a while.");

            case IngestResult.Unavailable:
                response.Headers.RetryAfter = RetryAfterSeconds;
                return WriteProblemAsync(
                    response, StatusCodes.Status503ServiceUnavailable, "Service Unavailable", "The event could not be stored: send it again.");

            default:
                throw new InvalidOperationException($"No answer for {result.GetType().Name}.");
        }
    }

    private static Task WriteStatusAsync(HttpResponse response, int status, EventId id, ReadOnlySpan<byte> word)
    {
        // By hand: an id and a fixed word need no escaping, and this is every request's answer.
        Span<byte> body = stackalloc byte[96];
        var length = 0;
        Append(body, ref length, "{\"id\": \""u8);
        id.Value.TryFormat(body[length..], out var written);
        length += written;
        Append(body, ref length, "\", \"status\": \""u8);
        Append(body, ref length, word);
        Append(body, ref length, "\"}"u8);
        return WriteAsync(response, status, "application/json", body[..length]);
    }

    private static void Append(Span<byte> body, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(body[length..]);
        length += text.Length;
    }

    private static Task WriteProblemAsync(HttpResponse response, int status, string title, string detail)
    {
        var body = $"{{\"type\": \"about:blank\", \"title\": \"{title}\", \"status\": {status}, \"detail\": \"{JsonEncodedText.Encode(detail)}\"}}";
        return WriteAsync(response, status, "application/problem+json", Encoding.UTF8.GetBytes(body));
    }

    private static Task WriteAsync(HttpResponse response, int status, string contentType, ReadOnlySpan<byte> body)
    {
        response.StatusCode = status;

        // These two have no body (RFC 9110, sections 15.3.5 and 15.3.6).
        if (status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
            return Task.CompletedTask;

        response.ContentType = contentType;
        response.ContentLength = body.Length;
        body.CopyTo(response.BodyWriter.GetSpan(body.Length));
        response.BodyWriter.Advance(body.Length);
        return Task.CompletedTask;
    }
}

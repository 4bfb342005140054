using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Edge;

/// <summary>How reading a body ended.</summary>
internal enum BodyOutcome
{
    Read,
    TooLarge,
    TooSlow,
    Broken,
}

/// <summary>
/// Reads a whole body within a size and a time. Memory is taken as bytes arrive, never on the word of a Content-Length, so
/// that a thousand senders who promise a megabyte and send nothing cost nothing.
/// </summary>
internal static class RequestBody
{
    public static ValueTask<(BodyOutcome Outcome, ReadOnlyMemory<byte> Body)> ReadAsync(
        HttpRequest request, long limit, TimeSpan patience, TimeProvider time)
    {
        if (request.ContentLength > limit)
            return new((BodyOutcome.TooLarge, default));

        // The common case: the whole body came with its head, and one look has it. What a chunked body holds is not known
        // before it is read to its end.
        if (request.ContentLength is not null && request.BodyReader.TryRead(out var result))
        {
            if (result.IsCompleted && result.Buffer.Length <= limit)
            {
                var body = result.Buffer.ToArray();
                request.BodyReader.AdvanceTo(result.Buffer.End);
                return new((BodyOutcome.Read, body));
            }

            request.BodyReader.AdvanceTo(result.Buffer.Start);
        }

        return ReadSlowlyAsync(request, limit, patience, time);
    }

    private static async ValueTask<(BodyOutcome Outcome, ReadOnlyMemory<byte> Body)> ReadSlowlyAsync(
        HttpRequest request, long limit, TimeSpan patience, TimeProvider time)
    {
        using var timeout = new CancellationTokenSource(patience, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, request.HttpContext.RequestAborted);
        var received = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                var result = await request.BodyReader.ReadAsync(ended.Token).ConfigureAwait(false);
                if (received.WrittenCount + result.Buffer.Length > limit)
                {
                    // Kestrel itself has to read on, to throw the rest away.
                    request.BodyReader.AdvanceTo(result.Buffer.End);
                    return (BodyOutcome.TooLarge, default);
                }

                foreach (var segment in result.Buffer)
                    received.Write(segment.Span);

                request.BodyReader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return (BodyOutcome.Read, received.WrittenMemory.ToArray());
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return (BodyOutcome.TooSlow, default);
        }
        catch (OperationCanceledException)
        {
            return (BodyOutcome.Broken, default);
        }
        catch (BadHttpRequestException error)
        {
            // Kestrel's own limits: its minimum data rate, or chunks that are none.
            return (error.StatusCode == StatusCodes.Status408RequestTimeout ? BodyOutcome.TooSlow : BodyOutcome.Broken, default);
        }
        catch (IOException)
        {
            return (BodyOutcome.Broken, default);
        }
    }
}

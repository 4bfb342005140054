using System.Net;

namespace HookGateway.Host.Receiving;

/// <summary>How <c>receive</c> answers.</summary>
/// <param name="Status">What a request gets that does not fail.</param>
/// <param name="FailPercent">How many of 100 get 503 instead, by chance.</param>
/// <param name="Delay">The wait before either.</param>
internal sealed record Answering(int Status, int FailPercent, TimeSpan Delay);

/// <summary>A server that takes every request on every path and tells of it.</summary>
internal static class TryServer
{
    // A body is read whole whatever its size, and only its beginning kept.
    private const int LongestKept = 64 * 1024;

    /// <summary>Builds it; it is not yet started.</summary>
    public static WebApplication Build(IPEndPoint endpoint, Answering answering, ReceivedPrinter printer) =>
        PlainServer.Build(endpoint, context => AnswerAsync(context, answering, printer));

    private static async Task AnswerAsync(HttpContext context, Answering answering, ReceivedPrinter printer)
    {
        var (body, size) = await ReadAsync(context.Request.Body, context.RequestAborted);
        if (answering.Delay > TimeSpan.Zero)
            await Task.Delay(answering.Delay, TimeProvider.System, context.RequestAborted);
        var status = Random.Shared.Next(100) < answering.FailPercent ? StatusCodes.Status503ServiceUnavailable : answering.Status;
        context.Response.StatusCode = status;
        printer.Print(context.Request, body, size, status);
    }

    private static async Task<(byte[] Beginning, long Size)> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var beginning = new MemoryStream();
        var buffer = new byte[16 * 1024];
        long size = 0;
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            size += read;
            beginning.Write(buffer, 0, (int)Math.Min(read, LongestKept - beginning.Length));
        }

        return (beginning.ToArray(), size);
    }
}

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
    // A body is read whole whatever its size, and only its beginning shown.
    private const int LongestKept = 64 * 1024;

    /// <summary>Builds it; it is not yet started.</summary>
    /// <param name="endpoint">Where it listens.</param>
    /// <param name="answering">How it answers.</param>
    /// <param name="printer">Tells of what arrived.</param>
    /// <param name="check">Checks signatures; <see langword="null"/>: nothing is said of them.</param>
    public static WebApplication Build(IPEndPoint endpoint, Answering answering, ReceivedPrinter printer, SignatureCheck? check) =>
        PlainServer.Build(endpoint, context => AnswerAsync(context, answering, printer, check));

    private static async Task AnswerAsync(HttpContext context, Answering answering, ReceivedPrinter printer, SignatureCheck? check)
    {
        var longest = check is null ? LongestKept : SignatureCheck.LongestBody;
        var (body, size) = await ReadAsync(context.Request.Body, longest, context.RequestAborted);

        // Before the wait: a delayed answer makes no timestamp old.
        var signature = check?.Check(context.Request, body, size);
        if (answering.Delay > TimeSpan.Zero)
            await Task.Delay(answering.Delay, TimeProvider.System, context.RequestAborted);
        var status = Random.Shared.Next(100) < answering.FailPercent ? StatusCodes.Status503ServiceUnavailable : answering.Status;
        context.Response.StatusCode = status;
        printer.Print(context.Request, body[..Math.Min(body.Length, LongestKept)], size, status, signature);
    }

    private static async Task<(byte[] Beginning, long Size)> ReadAsync(Stream body, int longest, CancellationToken cancellationToken)
    {
        var beginning = new MemoryStream();
        var buffer = new byte[16 * 1024];
        long size = 0;
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            size += read;
            beginning.Write(buffer, 0, (int)Math.Min(read, longest - beginning.Length));
        }

        return (beginning.ToArray(), size);
    }
}

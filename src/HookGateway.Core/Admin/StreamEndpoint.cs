using System.Text;
using System.Text.Json;
using HookGateway.Observe;
using HookGateway.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Admin;

/// <summary><c>GET /api/v1/events/stream</c>: server-sent events of what happens from now on.</summary>
internal sealed class StreamEndpoint(EventFeed feed, IHostApplicationLifetime lifetime, TimeProvider time)
{
    // A comment now and then shows both sides that the connection is there.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    public async Task StreamAsync(HttpContext context)
    {
        var query = EventQuery.Read(context.Request.Query);
        if (query != EventQuery.Default with { Filter = query.Filter } || query.Filter is not { From: null, To: null })
            throw new FormatException("A stream is about what comes: it takes source, event, state, destination and key.");

        using var listener = feed.Listen(query.Filter);
        if (listener is null)
        {
            await AdminAnswer.ProblemAsync(
                context, StatusCodes.Status429TooManyRequests, "Too Many Requests", $"{EventFeed.MostListeners} listen already.").ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await WriteAsync(context, ": listening\n\n", ended.Token).ConfigureAwait(false);
            while (true)
                await WriteWaitingAsync(context, listener, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client has left, or the gateway stops.
        }
    }

    private async Task WriteWaitingAsync(HttpContext context, FeedListener listener, CancellationToken cancellationToken)
    {
        if (!await SomethingWaitsAsync(listener, cancellationToken).ConfigureAwait(false))
        {
            await WriteAsync(context, ":\n\n", cancellationToken).ConfigureAwait(false);
            return;
        }

        if (listener.TakeSkipped() is > 0 and var skipped)
            await WriteAsync(context, "skipped", new SkippedView(skipped), AdminJson.Default.SkippedView, cancellationToken).ConfigureAwait(false);

        while (listener.TryTake(out var happening))
        {
            await WriteAsync(context, happening!.Kind, HappeningView.Of(happening), AdminJson.Default.HappeningView, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task<bool> SomethingWaitsAsync(FeedListener listener, CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(Idle, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
        try
        {
            return await listener.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // JSON without indentation has no line end of its own.
    private static Task WriteAsync<T>(
        HttpContext context, string kind, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        WriteAsync(context, $"event: {kind}\ndata: {JsonSerializer.Serialize(value, type)}\n\n", cancellationToken);

    private static async Task WriteAsync(HttpContext context, string text, CancellationToken cancellationToken)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>What a stream's client was too slow for.</summary>
internal sealed record SkippedView(long Skipped);

/// <summary>Something that happened, as a stream tells it.</summary>
internal sealed record HappeningView
{
    public required DateTimeOffset At { get; init; }

    public required string Id { get; init; }

    public required string Source { get; init; }

    public required string Event { get; init; }

    public string? Key { get; init; }

    public required string State { get; init; }

    public string? Destination { get; init; }

    public int? Attempt { get; init; }

    public int? Status { get; init; }

    public string? Error { get; init; }

    public static HappeningView Of(FeedHappening happening) => new()
    {
        At = happening.At,
        Id = happening.Id.ToString(),
        Source = happening.Source,
        Event = happening.Event,
        Key = happening.Key,
        State = EventView.Word(happening.State),
        Destination = happening.Destination,
        Attempt = happening.Attempt,
        Status = happening.Status,
        Error = happening.Error is { } error ? EventView.Word(error) : null,
    };
}

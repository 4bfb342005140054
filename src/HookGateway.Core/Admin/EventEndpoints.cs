using HookGateway.Events;
using HookGateway.Pipeline;
using HookGateway.Store;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Admin;

/// <summary><c>/api/v1/events</c>: the event log.</summary>
internal sealed class EventEndpoints(IEventStore store, EventReplay replays)
{
    private const string BodyDropped =
        "The body of this event is not kept any more: storage.retention.bodies says how long it is kept once all is delivered.";

    public async Task ListAsync(HttpContext context)
    {
        var query = EventQuery.Read(context.Request.Query);
        var page = await store.ListAsync(query.Filter, query.Cursor, query.Limit, context.RequestAborted).ConfigureAwait(false);
        await AdminAnswer.WriteAsync(context, EventListView.Of(page), AdminJson.Default.EventListView).ConfigureAwait(false);
    }

    public async Task ShowAsync(HttpContext context)
    {
        var found = await FindAsync(context).ConfigureAwait(false);
        await (found is null
            ? NoSuchEventAsync(context)
            : AdminAnswer.WriteAsync(context, EventView.Of(found), AdminJson.Default.EventView)).ConfigureAwait(false);
    }

    /// <summary>The raw bytes. Never under the sender's content type: a browser must not run what a sender wrote.</summary>
    public async Task BodyAsync(HttpContext context)
    {
        if (await FindAsync(context).ConfigureAwait(false) is not { } found)
        {
            await NoSuchEventAsync(context).ConfigureAwait(false);
            return;
        }

        if (found.DroppedBodySize is not null)
        {
            await AdminAnswer.ProblemAsync(context, StatusCodes.Status410Gone, "Gone", BodyDropped).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = found.Event.Body.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{found.Event.Id}\"";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(found.Event.Body, context.RequestAborted).ConfigureAwait(false);
    }

    public async Task ReplayAsync(HttpContext context)
    {
        if (!EventId.TryParse(IdOf(context), out var id))
        {
            await NoSuchEventAsync(context).ConfigureAwait(false);
            return;
        }

        var body = await ReadBodyAsync(context).ConfigureAwait(false);
        var answer = await replays.ReplayAsync(id, body.Destinations, context.RequestAborted).ConfigureAwait(false);
        await (answer switch
        {
            ReplayAnswer.Replayed replayed => AdminAnswer.WriteAsync(
                context,
                new ReplayView(id.ToString(), [.. replayed.Deliveries.Select(d => new ReplayedView(d.Destination, d.Revived))]),
                AdminJson.Default.ReplayView,
                StatusCodes.Status202Accepted),
            ReplayAnswer.NoSuchDestination unknown => AdminAnswer.ProblemAsync(
                context, StatusCodes.Status400BadRequest, "Bad Request", $"No destination is called '{unknown.Name}'."),
            ReplayAnswer.Unrouted => AdminAnswer.ProblemAsync(
                context, StatusCodes.Status409Conflict, "Conflict", "No route names this event today: name destinations, or add a route."),
            ReplayAnswer.Held => AdminAnswer.ProblemAsync(
                context, StatusCodes.Status409Conflict, "Conflict", "The event is held and goes out by itself; it can be replayed after that."),
            ReplayAnswer.Superseded superseded => AdminAnswer.ProblemAsync(
                context, StatusCodes.Status409Conflict, "Conflict", $"Event {superseded.By} went out in its place: replay that one."),
            ReplayAnswer.BodyDropped => AdminAnswer.ProblemAsync(
                context, StatusCodes.Status409Conflict, "Conflict", $"{BodyDropped} It cannot be delivered again."),
            ReplayAnswer.TooMany tooMany => AdminAnswer.ProblemAsync(
                context, StatusCodes.Status409Conflict, "Conflict", $"An event can have {tooMany.Limit} deliveries at most."),
            _ => NoSuchEventAsync(context),
        }).ConfigureAwait(false);
    }

    private static string? IdOf(HttpContext context) => context.Request.RouteValues["id"] as string;

    private static Task NoSuchEventAsync(HttpContext context) => AdminAnswer.ProblemAsync(
        context, StatusCodes.Status404NotFound, "Not Found", "There is no event of this id: it never was, or retention deleted it.");

    /// <exception cref="FormatException">It is not what a replay takes.</exception>
    private static async Task<ReplayBody> ReadBodyAsync(HttpContext context)
    {
        const string Expected = """The body is {"destinations": ["NAME"]}, or empty to route the event as if it came now.""";
        var read = await AdminBody.ReadAsync(context, AdminJson.Default.ReplayBody, Expected).ConfigureAwait(false) ?? new ReplayBody();
        return read is { Destinations: null or { Count: > 0 } } && read.Destinations?.Contains(null!) != true
            ? read
            : throw new FormatException(Expected);
    }

    private async Task<StoredEvent?> FindAsync(HttpContext context) =>
        EventId.TryParse(IdOf(context), out var id)
            ? await store.FindAsync(id, context.RequestAborted).ConfigureAwait(false)
            : null;
}

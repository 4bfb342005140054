using System.Globalization;
using HookGateway.Configuration;
using HookGateway.Pipeline;
using HookGateway.Store;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Admin;

/// <summary><c>/api/v1/replays</c>: many events again, and how far that is.</summary>
internal sealed class BulkReplayEndpoints(GatewayConfiguration configuration, IEventStore store, BulkReplays replays, TimeProvider time)
{
    private const string Expected =
        """The body is {"filter": {"source": "NAME", "state": "dead", ...}, "destinations": ["NAME"], "preview": false}; only 'filter' is needed.""";

    public async Task ListAsync(HttpContext context)
    {
        var known = await store.ListBulkReplaysAsync(context.RequestAborted).ConfigureAwait(false);
        await AdminAnswer.WriteAsync(
            context, new BulkReplayListView([.. known.Select(View)]), AdminJson.Default.BulkReplayListView).ConfigureAwait(false);
    }

    public async Task ShowAsync(HttpContext context) => await WriteAsync(
        context,
        IdOf(context) is { } id ? await store.FindBulkReplayAsync(id, context.RequestAborted).ConfigureAwait(false) : null).ConfigureAwait(false);

    public async Task CancelAsync(HttpContext context) => await WriteAsync(
        context,
        IdOf(context) is { } id
            ? await store.EndBulkReplayAsync(id, failure: null, context.RequestAborted).ConfigureAwait(false)
            : null).ConfigureAwait(false);

    public async Task BeginAsync(HttpContext context)
    {
        var body = await AdminBody.ReadAsync(context, AdminJson.Default.BulkReplayBody, Expected).ConfigureAwait(false)
            ?? throw new FormatException(Expected);
        var request = Read(body);
        if (!body.Preview)
        {
            await BeginAsync(context, request).ConfigureAwait(false);
            return;
        }

        var matched = await replays.CountAsync(request.Filter, context.RequestAborted).ConfigureAwait(false);
        await AdminAnswer.WriteAsync(context, new ReplayPreviewView(matched), AdminJson.Default.ReplayPreviewView).ConfigureAwait(false);
    }

    /// <summary>Revives what is dead for one destination.</summary>
    public async Task BeginDeadAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        var request = new BulkReplayRequest { Filter = new EventFilter { Destination = name }, Destinations = [name], OnlyDead = true };
        await (IsConfigured(name) ? BeginAsync(context, request) : AdminAnswer.NoSuchDestinationAsync(context, name)).ConfigureAwait(false);
    }

    private async Task BeginAsync(HttpContext context, BulkReplayRequest request)
    {
        if (await replays.BeginAsync(request, context.RequestAborted).ConfigureAwait(false) is not { } begun)
        {
            await AdminAnswer.ProblemAsync(
                context, StatusCodes.Status409Conflict, "Conflict",
                $"{BulkReplays.MostRunning} bulk replays run already: wait for one to end, or cancel one.").ConfigureAwait(false);
            return;
        }

        context.Response.Headers.Location = $"/api/v1/replays/{begun.Id.ToString(CultureInfo.InvariantCulture)}";
        await AdminAnswer.WriteAsync(context, View(begun), AdminJson.Default.BulkReplayView, StatusCodes.Status202Accepted)
            .ConfigureAwait(false);
    }

    /// <exception cref="FormatException">It is not to be replayed; the message says what is wrong.</exception>
    private BulkReplayRequest Read(BulkReplayBody body)
    {
        var filter = new EventFilter();
        foreach (var (name, value) in body.Filter ?? new Dictionary<string, string>())
        {
            if (string.IsNullOrEmpty(value))
                throw new FormatException($"The filter's '{name}' needs a value.");

            filter = EventQuery.With(filter, name, value) ?? throw new FormatException(
                $"There is no filter '{name}': source, event, state, destination, key, from, to.");
        }

        if ((filter == new EventFilter()) != body.All)
        {
            throw new FormatException(body.All
                ? "'all' says that every event is meant: leave it out beside a filter."
                : """The filter is empty: name what to replay, or say "all": true to replay every event that is stored.""");
        }

        if (filter is { From: { } from, To: { } to } && from >= to)
            throw new FormatException("'from' is not before 'to'.");

        if (body.Destinations is { Count: 0 } || body.Destinations?.Contains(null!) == true)
            throw new FormatException("'destinations' needs names: leave it out to route each event as if it came now.");

        if (body.Destinations?.FirstOrDefault(name => !IsConfigured(name)) is { } unknown)
            throw new FormatException($"No destination is called '{unknown}'.");

        return new BulkReplayRequest { Filter = filter, Destinations = body.Destinations?.Distinct(StringComparer.Ordinal).ToList() };
    }

    private Task WriteAsync(HttpContext context, BulkReplay? replay) => replay is null
        ? AdminAnswer.ProblemAsync(
            context, StatusCodes.Status404NotFound, "Not Found", "There is no bulk replay of this number: it never was, or it was one of the oldest.")
        : AdminAnswer.WriteAsync(context, View(replay), AdminJson.Default.BulkReplayView);

    private BulkReplayView View(BulkReplay replay) => BulkReplayView.Of(replay, time.GetUtcNow());

    private bool IsConfigured(string name) => configuration.Destinations.Any(destination => destination.Name == name);

    private static long? IdOf(HttpContext context) =>
        long.TryParse((string?)context.Request.RouteValues["id"], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}

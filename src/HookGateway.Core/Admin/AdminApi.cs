using System.Net;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Observe;
using HookGateway.Pipeline;
using HookGateway.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Admin;

/// <summary><c>/api/v1</c>: what operators and their commands ask of a running gateway.</summary>
internal static class AdminApi
{
    internal const string RetryAfterSeconds = "5";

    public static void MapAdminApi(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var (store, replays) = (services.GetRequiredService<IEventStore>(), services.GetRequiredService<EventReplay>());
        var configuration = services.GetRequiredService<GatewayConfiguration>();
        var events = new EventEndpoints(store, replays);
        var destinations = new DestinationEndpoints(configuration, store, services.GetRequiredService<Lanes>());
        var bulk = new BulkReplayEndpoints(
            configuration, store, services.GetRequiredService<BulkReplays>(), services.GetRequiredService<TimeProvider>());
        var stream = new StreamEndpoint(
            services.GetRequiredService<EventFeed>(), services.GetRequiredService<IHostApplicationLifetime>(), services.GetRequiredService<TimeProvider>());

        var api = endpoints.MapGroup("/api/v1");

        // Without a token the port is on loopback only, and a page in this machine's browser could still reach it.
        void Map(string method, string pattern, RequestDelegate handler) =>
            api.MapMethods(pattern, [method], context => GuardAsync(context, handler, open: configuration.Listen.Admin.Token is null));

        Map(HttpMethods.Get, "/events", events.ListAsync);
        Map(HttpMethods.Get, "/events/stream", stream.StreamAsync);
        Map(HttpMethods.Get, "/events/{id}", events.ShowAsync);
        Map(HttpMethods.Get, "/events/{id}/body", events.BodyAsync);
        Map(HttpMethods.Post, "/events/{id}/replay", events.ReplayAsync);
        Map(HttpMethods.Get, "/destinations", destinations.ListAsync);
        Map(HttpMethods.Post, "/destinations/{name}/pause", destinations.PauseAsync);
        Map(HttpMethods.Post, "/destinations/{name}/resume", destinations.ResumeAsync);
        Map(HttpMethods.Post, "/destinations/{name}/replay-dead", bulk.BeginDeadAsync);
        Map(HttpMethods.Get, "/replays", bulk.ListAsync);
        Map(HttpMethods.Post, "/replays", bulk.BeginAsync);
        Map(HttpMethods.Get, "/replays/{id}", bulk.ShowAsync);
        Map(HttpMethods.Post, "/replays/{id}/cancel", bulk.CancelAsync);
        var reconciled = services.GetService<IReconcileReports>();
        Map(HttpMethods.Get, "/reconcile", context => AdminAnswer.WriteAsync(
            context, new ReconcileListView(reconciled?.All ?? []), AdminJson.Default.ReconcileListView));
        Map(HttpMethods.Get, "/audit", async context => await AdminAnswer.WriteAsync(
            context, await store.AuditAsync(context.RequestAborted).ConfigureAwait(false), AdminJson.Default.AuditReport).ConfigureAwait(false));
    }

    private static async Task GuardAsync(HttpContext context, RequestDelegate handler, bool open)
    {
        try
        {
            await (open && IsFromAPage(context.Request)
                ? AdminAnswer.ProblemAsync(
                    context, StatusCodes.Status403Forbidden, "Forbidden", "Pages of other sites may not use the admin port; set listen.admin.token.")
                : handler(context)).ConfigureAwait(false);
        }
        catch (FormatException e)
        {
            await AdminAnswer.ProblemAsync(context, StatusCodes.Status400BadRequest, "Bad Request", e.Message).ConfigureAwait(false);
        }
        catch (ArgumentException e) when (e.ParamName == "cursor")
        {
            await AdminAnswer.ProblemAsync(context, StatusCodes.Status400BadRequest, "Bad Request", "This cursor is not one that a list gave.")
                .ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await AdminAnswer.ProblemAsync(context, e.StatusCode, "Bad Request", e.Message).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await AdminAnswer.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "Service Unavailable", e.Message)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer.
        }
    }

    /// <summary>
    /// Whether another site's page sent it: it says where it comes from, or it reached loopback under a name of its own
    /// (DNS rebinding).
    /// </summary>
    private static bool IsFromAPage(HttpRequest request)
    {
        var host = request.Host.Host;
        var isLocal = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Trim('[', ']'), out _);
        var origin = request.Headers.Origin.ToString();
        return !isLocal || (origin.Length > 0 && origin != $"{request.Scheme}://{request.Host}");
    }
}

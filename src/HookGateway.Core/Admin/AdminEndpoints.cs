using System.Security.Cryptography;
using System.Text;
using HookGateway.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HookGateway.Admin;

/// <summary>What the admin port answers: health to everybody, the rest to whoever has the token.</summary>
internal static class AdminEndpoints
{
    private const string Scheme = "Bearer ";

    public static void UseAdmin(this IApplicationBuilder app)
    {
        var token = app.ApplicationServices.GetRequiredService<GatewayConfiguration>().Listen.Admin.Token;
        app.Use((context, next) => RequireToken(context, next, token));
        app.UseRouting();
        app.UseEndpoints(endpoints =>
        {
            endpoints.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
            endpoints.MapHealthChecks(
                "/health/ready", new HealthCheckOptions { ResponseWriter = (context, report) => WriteReady(context, report, token) });
            endpoints.MapAdminApi();
            endpoints.MapPrometheusScrapingEndpoint("/metrics");
        });
    }

    private static Task RequireToken(HttpContext context, RequestDelegate next, string? token)
    {
        if (context.Request.Path.StartsWithSegments("/health") || Knows(context.Request, token))
            return next(context);

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return context.Response.WriteAsync("The admin port needs 'Authorization: Bearer TOKEN' (listen.admin.token).\n");
    }

    // Whether it is ready is for everybody, why is not.
    private static Task WriteReady(HttpContext context, HealthReport report, string? token)
    {
        var detail = string.Join(' ', report.Entries.Values.Select(entry => entry.Description).Where(text => text is not null));
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(
            detail.Length > 0 && Knows(context.Request, token) ? $"{report.Status}: {detail}" : report.Status.ToString());
    }

    /// <summary>Answers while there is no store: only whether the process lives can be told, and why it is not ready.</summary>
    public static Task AnswerWithoutStoreAsync(HttpContext context, string reason, string? token)
    {
        context.Response.ContentType = "text/plain";
        if (context.Request.Path == "/health/live")
            return context.Response.WriteAsync(nameof(HealthStatus.Healthy));

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = AdminApi.RetryAfterSeconds;
        return context.Response.WriteAsync(
            Knows(context.Request, token) ? $"{nameof(HealthStatus.Unhealthy)}: {reason}" : nameof(HealthStatus.Unhealthy));
    }

    private static bool Knows(HttpRequest request, string? token) => token is null || IsBearer(request, token);

    // RFC 9110, 11.1: the case of a scheme does not count.
    private static bool IsBearer(HttpRequest request, string token) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(value[Scheme.Length..].TrimStart(' '))), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

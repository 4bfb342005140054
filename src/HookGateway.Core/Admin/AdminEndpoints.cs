using System.Security.Cryptography;
using System.Text;
using HookGateway.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

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
            endpoints.MapHealthChecks("/health/ready");
            endpoints.MapAdminApi();
            endpoints.MapPrometheusScrapingEndpoint("/metrics");
        });
    }

    private static Task RequireToken(HttpContext context, RequestDelegate next, string? token)
    {
        if (token is null || context.Request.Path.StartsWithSegments("/health") || IsBearer(context.Request, token))
            return next(context);

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return context.Response.WriteAsync("The admin port needs 'Authorization: Bearer TOKEN' (listen.admin.token).\n");
    }

    // RFC 9110, 11.1: the case of a scheme does not count.
    private static bool IsBearer(HttpRequest request, string token) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(value[Scheme.Length..].TrimStart(' '))), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Admin;

/// <summary>RFC 9457.</summary>
internal sealed record Problem(string Type, string Title, int Status, string Detail);

/// <summary>How the admin API answers.</summary>
internal static class AdminAnswer
{
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        WriteAsync(context, value, type, status, "application/json");

    public static Task ProblemAsync(HttpContext context, int status, string title, string detail) =>
        WriteAsync(context, new Problem("about:blank", title, status, detail), AdminJson.Default.Problem, status, "application/problem+json");

    public static Task NoSuchDestinationAsync(HttpContext context, string name) =>
        ProblemAsync(context, StatusCodes.Status404NotFound, "Not Found", $"No destination is called '{name}'.");

    private static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, int status, string contentType)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(body).AsTask();
    }
}

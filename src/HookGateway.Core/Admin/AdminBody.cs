using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace HookGateway.Admin;

/// <summary>Reads what the admin API is sent.</summary>
internal static class AdminBody
{
    private const int Longest = 64 * 1024;

    /// <summary>Reads a body; <see langword="null"/> where there is none.</summary>
    /// <exception cref="FormatException">It is something else than expected.</exception>
    public static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, string expected) where T : class
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = Longest;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        if (body.Length == 0)
            return null;

        try
        {
            return JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), type) ?? throw new FormatException(expected);
        }
        catch (JsonException)
        {
            throw new FormatException(expected);
        }
    }
}

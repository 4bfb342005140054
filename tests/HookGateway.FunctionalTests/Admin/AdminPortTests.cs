using System.Net;
using System.Net.Http.Headers;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.FunctionalTests.Admin;

/// <summary>Who may see what at the admin port.</summary>
public sealed class AdminPortTests
{
    [Fact]
    public async Task Token_Configured_IsAskedForEverythingButHealth()
    {
        await using var gateway = await GatewayProcess.StartAsync(ports => $$"""
            listen:
              https: { address: "127.0.0.1:{{ports.Https}}" }
              admin: { address: "127.0.0.1:{{ports.Admin}}", token: "of-the-operator" }
            sources: { crm: { verify: none, event: type } }
            """);

        Assert.Equal(HttpStatusCode.OK, await GetAsync(gateway, "/metrics", "of-the-operator"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(gateway, "/metrics", "of-the-operator", scheme: "bearer"));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(gateway, "/metrics", "of-the-operator", scheme: "Basic"));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(gateway, "/metrics", "OF-THE-OPERATOR"));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(gateway, "/metrics", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(gateway, "/metrics", "of-somebody"));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(gateway, "/no-such-page", null));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(gateway, "/health/live", null));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(gateway, "/health/ready", null));
    }

    private static async Task<HttpStatusCode> GetAsync(GatewayProcess gateway, string path, string? token, string scheme = "Bearer")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.AdminUrl, path));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue(scheme, token);
        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}

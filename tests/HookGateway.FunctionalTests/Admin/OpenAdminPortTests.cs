using System.Net;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.FunctionalTests.Admin;

/// <summary>Without a token the admin port is open to this machine, but not to pages in its browser.</summary>
public sealed class OpenAdminPortTests
{
    [Fact]
    public async Task Request_OfAnotherSitesPage_IsRefused()
    {
        await using var gateway = await GatewayProcess.StartAsync(ports => $$"""
            {{ports.Listen}}
            sources:
              sysaid: { preset: sysaid, secrets: ["a secret of the test"] }
            destinations:
              d: { url: "http://127.0.0.1:9/" }
            routes:
              - { source: sysaid, to: [d] }
            """);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(null, null));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("Host", $"localhost:{gateway.Ports.Admin}"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("Origin", $"http://127.0.0.1:{gateway.Ports.Admin}"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("Origin", "https://attacker.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("Origin", "null"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("Host", "rebound.attacker.example"));

        async Task<HttpStatusCode> AskAsync(string? name, string? value)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.AdminUrl, "/api/v1/destinations"));
            if (name is not null)
                request.Headers.TryAddWithoutValidation(name, value);

            using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }
}

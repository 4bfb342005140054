using HookGateway.FunctionalTests.MainJob;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Deliver;

/// <summary>What a downstream gets and what the gateway refuses to dial, from the sender's request to the last attempt.</summary>
public sealed class OutboundTests
{
    [Fact]
    public async Task Destinations_EachAsksForSomethingElse_EachGetsItAlsoAfterARestart()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(arrival => arrival.Attempt == 1 ? new Answer.Responding(500) { Body = "no body in logs"u8.ToArray() } : Answer.Ok);
        await using var gateway = await GatewayProcess.StartAsync(ports => $$"""
            {{ports.Listen}}
            egress: { deny: [127.0.0.9] }
            sources:
              sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] }
            destinations:
              proven:
                url: "{{receiver.Url}}"
                retry: { first: 2s, jitter: 0 }
                forwardHeaders: ["X-*"]
                sign: { secrets: [whsec_c2VjcmV0] }
                auth: { bearer: of-the-gateway }
              denied: { url: "http://127.0.0.9:{{receiver.Url.Port}}/", retry: { attempts: 1 } }
            routes:
              - { source: sysaid, to: [proven, denied] }
            """);
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), SysAidGateway.Secret);

        var answer = await sender.SendAsync(
            SysAidEvent.Created(1), ("X-Request-Id", "r1"), ("Authorization", "Bearer of-the-sender"), ("Y-Other", "no"));
        await receiver.WaitForAsync(1);
        await Wait.UntilAsync(() => gateway.Output.Contains("is dead for denied after attempt 1", StringComparison.Ordinal), "the denied one");
        await gateway.TerminateAsync();
        await gateway.StartAgainAsync();
        var arrivals = await receiver.WaitForAsync(2);

        Assert.All(arrivals, arrival =>
        {
            Assert.Equal(answer.Id, arrival.WebhookId);
            Assert.Equal(("r1", "Bearer of-the-gateway", null), (arrival.Header("X-Request-Id"), arrival.Header("Authorization"), arrival.Header("Y-Other")));
            Assert.Null(arrival.Header("X-Sysaid-Signature"));
            Assert.StartsWith("v1,", arrival.Header("webhook-signature"), StringComparison.Ordinal);
        });
        Assert.Contains("the address 127.0.0.9 is denied by egress", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("no body in logs", gateway.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bearer: of-the-gateway", "Bearer of-the-gateway", "/health")]
    [InlineData("apiKey: { query: key, value: k1 }", null, "/health?key=k1")]
    public async Task Health_Active_AsksWithTheHeadersAndCredentialsOfTheDestination(string auth, string? authorization, string path)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => $$"""
            {{ports.Listen}}
            sources:
              sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] }
            destinations:
              d:
                url: "{{receiver.Url}}"
                health: { active: { path: /health, interval: 100ms } }
                headers: { X-Tenant: t1, Content-Language: de }
                auth: { {{auth}} }
            routes:
              - { source: sysaid, to: [d] }
            """);

        var asked = (await receiver.WaitForAsync(1))[0];

        Assert.Equal(("GET", path), (asked.Method, asked.Path));
        Assert.Equal(("t1", authorization), (asked.Header("X-Tenant"), asked.Header("Authorization")));
    }
}

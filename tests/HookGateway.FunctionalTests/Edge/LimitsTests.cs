using HookGateway.FunctionalTests.MainJob;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Edge;

public sealed class LimitsTests
{
    [Fact]
    public async Task Body_SentTooSlowly_IsRefusedInTime()
    {
        await using var gateway = await GatewayProcess.StartAsync(ports => $$"""
            {{ports.Listen}}
            limits: { requestTimeout: 2s }
            sources:
              sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] }
            """);

        var answer = await RawHttp.SendAsync(
            gateway.HttpUrl, "POST /hooks/sysaid HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"id\"");

        Assert.Equal(408, answer.Status);
    }

    [Fact]
    public async Task Requests_MoreThanTheLimitAtOnce_AreToldToComeLater()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => $$"""
            {{ports.Listen}}
            limits: { concurrentRequests: 2, requestTimeout: 3s }
            sources:
              sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] }
            destinations:
              d: { url: "{{downstream.Url}}" }
            routes:
              - { source: sysaid, to: [d] }
            """);
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), SysAidGateway.Secret);
        const string unfinished = "POST /hooks/sysaid HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{";
        Task<RawAnswer> HoldAsync() => RawHttp.SendAsync(gateway.HttpUrl, unfinished);
        Task<RawAnswer>[] held = [HoldAsync(), HoldAsync()];

        SenderAnswer? refused = null;
        await Wait.UntilAsync(
            async () =>
            {
                // One whose time is over, or that came while the sender's own had its place, holds none.
                for (var i = 0; i < held.Length; i++)
                    held[i] = held[i].IsCompletedSuccessfully ? HoldAsync() : held[i];

                return (refused = await sender.SendAsync(SysAidEvent.Created(1))).Status == 429;
            },
            "a refusal over the limit");

        Assert.NotNull(refused!.Header("Retry-After"));
        Assert.Equal([408, 408], (await Task.WhenAll(held)).Select(answer => answer.Status));
        Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(2))).Status);
    }

    [Fact]
    public async Task ForwardedFor_OnlyATrustedProxy_IsBelieved()
    {
        static string Configuration(GatewayPorts ports, string trusted) => $$"""
            listen:
              http: { address: "127.0.0.1:{{ports.Http}}" }
              https: off
              admin: { address: "127.0.0.1:{{ports.Admin}}" }
              trustedProxies: [{{trusted}}]
            sources:
              sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"], allow: [203.0.113.7] }
            """;
        foreach (var (trusted, status) in new[] { ("127.0.0.1", 202), ("198.51.100.0/24", 401) })
        {
            await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, trusted));
            using var sender = new SysAidSender(new Uri(gateway.HttpUrl, "/hooks/sysaid"), SysAidGateway.Secret);

            var answer = await sender.SendAsync(SysAidEvent.Created(1), ("X-Forwarded-For", "203.0.113.7"));

            Assert.Equal(status, answer.Status);
        }
    }
}

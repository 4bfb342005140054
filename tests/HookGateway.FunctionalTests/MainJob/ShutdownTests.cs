using System.Net;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.MainJob;

/// <summary>SIGTERM: no new requests, what is in flight settles within a limit, exit 0.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task Sigterm_AttemptUnderWay_IsFinishedAndSettled()
    {
        await using var downstream = await Receiver.StartAsync();
        var gate = new TaskCompletionSource();
        downstream.AnswerWith(_ => Answer.When(gate.Task));
        await using var gateway = await StartAsync(downstream);
        using var sender = SenderOf(gateway);
        var answer = await sender.SendAsync(SysAidEvent.Created(1));
        await downstream.WaitForAsync(1);

        var ended = gateway.TerminateAsync();
        await Wait.UntilAsync(() => RefusesAsync(sender), "new requests to be refused");

        // Long enough for a gateway that does not wait for it to be gone.
        await Assert.ThrowsAsync<TimeoutException>(() => ended.WaitAsync(
            TimeSpan.FromSeconds(3), TimeProvider.System, TestContext.Current.CancellationToken));
        gate.SetResult();
        Assert.Equal(0, await ended);

        // It was settled: the next run does not send it again, though it sends what comes after.
        downstream.AnswerWith(_ => Answer.Ok);
        await gateway.StartAgainAsync();
        using var again = SenderOf(gateway);
        var later = await again.SendAsync(SysAidEvent.Created(2));
        await downstream.WaitForAsync(all => all.Any(arrival => arrival.WebhookId == later.Id));
        Assert.Single(downstream.Arrivals, arrival => arrival.WebhookId == answer.Id);
    }

    [Fact]
    public async Task Sigterm_AttemptThatNeverEnds_IsCutOffInTimeAndMadeAgainLater()
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(_ => Answer.Hang);
        await using var gateway = await StartAsync(downstream);
        using var sender = SenderOf(gateway);
        var answer = await sender.SendAsync(SysAidEvent.Created(1));
        await downstream.WaitForAsync(1);

        Assert.Equal(0, await gateway.TerminateAsync(TimeSpan.FromSeconds(40)));

        downstream.AnswerWith(_ => Answer.Ok);
        await gateway.StartAgainAsync();
        var arrivals = await downstream.WaitForAsync(2);
        Assert.All(arrivals, arrival => Assert.Equal(answer.Id, arrival.WebhookId));
        Assert.All(arrivals, arrival => Assert.Equal("1", arrival.Header("X-HookGateway-Attempt")));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Sigterm_WithDrain_AnswersGoOnAndAreTheLastOfTheirConnections(string version)
    {
        await using var gateway = await DrainingAsync("5m");
        using var client = new CountingClient(Version.Parse(version));
        await client.PostAsync(gateway);
        await client.PostAsync(gateway);
        Assert.Equal(1, client.Connections);

        var ended = gateway.TerminateAsync(TimeSpan.FromMinutes(6));
        await Wait.UntilAsync(() => IsDrainingAsync(gateway), "the gateway to be not ready");

        // The first on the connection from before, the others each on one of its own.
        for (var connections = 1; connections <= 3; connections++)
        {
            await client.PostAsync(gateway);
            Assert.Equal(connections, client.Connections);

            // HTTP/2 says it in a frame of its own, which may come after the answer.
            await Wait.UntilAsync(() => client.Ended == connections, "the connection to end");
        }

        Assert.False(ended.IsCompleted);
    }

    [Fact]
    public async Task Sigterm_WithDrain_EndsAfterIt()
    {
        await using var gateway = await DrainingAsync("1s");

        Assert.Equal(0, await gateway.TerminateAsync());
    }

    private static Task<GatewayProcess> DrainingAsync(string drain) => GatewayProcess.StartAsync(ports => $$"""
        {{ports.Listen}}
          drain: {{drain}}
        sources: { crm: { verify: none, event: type } }
        destinations: { d: { url: "http://127.0.0.1:9/" } }
        routes: [{ source: crm, to: [d] }]
        """);

    private static async Task<bool> IsDrainingAsync(GatewayProcess gateway)
    {
        using var answer = await gateway.Client.GetAsync(new Uri(gateway.AdminUrl, "/health/ready"));
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
    }

    private static async Task<bool> RefusesAsync(SysAidSender sender)
    {
        try
        {
            using var fresh = new SysAidSender(sender.Url, SysAidGateway.Secret);
            await fresh.SendAsync(SysAidEvent.Created(99));
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    private static SysAidSender SenderOf(GatewayProcess gateway) =>
        new(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), SysAidGateway.Secret);

    private static Task<GatewayProcess> StartAsync(Receiver downstream) => GatewayProcess.StartAsync(ports => $$"""
        {{ports.Listen}}
        sources:
          sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] }
        destinations:
          d: { url: "{{downstream.Url}}", timeout: 5m }
        routes:
          - { source: sysaid, to: [d] }
        """);
}

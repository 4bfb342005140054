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

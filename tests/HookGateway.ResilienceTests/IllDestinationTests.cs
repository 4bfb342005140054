using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>One destination's trouble is its own, and costs no event: neither while it lasts, nor when it is over.</summary>
public sealed class IllDestinationTests
{
    private const int Senders = 16;

    [Fact]
    public async Task Destination_TakesEverythingAndAnswersNothing_DelaysNoOther()
    {
        // More than a lane holds, so that the hanging one has a backlog as well.
        const int Events = 1200;
        await using var hanging = await Receiver.StartAsync();
        await using var healthy = await Receiver.StartAsync();
        hanging.AnswerWith(_ => Answer.Hang);
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, $$"""
            hanging: { url: "{{hanging.Url}}", timeout: 5m, concurrency: 16 }
              healthy: { url: "{{healthy.Url}}" }
            """, "hanging, healthy"));

        var sent = await SendAsync(gateway, Events);

        var arrivals = await healthy.WaitForAsync(Events);
        AssertEachOnce(sent, arrivals);

        // Every one of its attempts still hangs, and it holds no more of them than it may.
        Assert.Equal(16, hanging.Arrivals.Count);
    }

    [Fact]
    public async Task Destinations_SlowFailingAndSilent_DelayNoOther()
    {
        const int Events = 600;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var silent = RawDownstream.Start((_, cancel) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel));
        await using var slow = await Receiver.StartAsync();
        await using var failing = await Receiver.StartAsync();
        await using var healthy = await Receiver.StartAsync();
        slow.AnswerWith(_ => Answer.When(gate.Task));
        failing.AnswerWith(_ => Answer.Status(500));
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, $$"""
            silent: { url: "http://127.0.0.1:{{silent.Port}}/", timeout: 5m }
              slow: { url: "{{slow.Url}}", timeout: 5m }
              failing: { url: "{{failing.Url}}" }
              healthy: { url: "{{healthy.Url}}" }
            """, "silent, slow, failing, healthy"));

        var sent = await SendAsync(gateway, Events);

        // Whoever waited for one of the others would wait for longer than this does.
        AssertEachOnce(sent, await healthy.WaitForAsync(Events));
        Assert.InRange(slow.Arrivals.Count, 0, 16);
        gate.SetResult();
        await slow.WaitForAsync(Events);
    }

    [Fact]
    public async Task Destination_DoesNotAnswerInTime_IsTriedAgain()
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerEachEvent(Answer.Hang, Answer.Ok);
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, $$"""
            d: { url: "{{downstream.Url}}", timeout: 500ms, retry: { first: 100ms } }
            """, "d"));

        await SendAsync(gateway, 1);

        await downstream.WaitForAsync(2);
        await Wait.UntilAsync(
            () => gateway.Output.Contains("Timeout, no answer within 0.5 s", StringComparison.Ordinal), "the line about the first attempt");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Destination_GoneForAWhile_GetsEveryEventOnceWhenItIsBack(bool restart)
    {
        const int Events = 1000;
        const int Attempts = 6;
        await using var downstream = await Receiver.StartAsync();
        await downstream.GoAsync();

        // Six attempts 100 ms apart: without the breaker all would be dead long before the destination is back.
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, $$"""
            d: { url: "{{downstream.Url}}", retry: { attempts: {{Attempts}}, first: 100ms, factor: 1 }, breaker: { pause: 1s } }
            """, "d"));
        var sent = await SendAsync(gateway, Events);
        await LeftAloneAsync(gateway, 4);
        await Wait.UntilAsync(() => IsOpenAsync(gateway), "the open breaker among the metrics");
        if (restart)
        {
            Assert.Equal(0, await gateway.TerminateAsync());
            await gateway.StartAgainAsync();
        }

        await downstream.ReturnAsync();

        var arrivals = await downstream.WaitForAsync(Events, TimeSpan.FromSeconds(60));
        AssertEachOnce(sent, arrivals);
        Assert.DoesNotContain("is dead for", gateway.Output, StringComparison.Ordinal);

        // Few of them were ever sent in vain.
        Assert.InRange(arrivals.Count(arrival => arrival.Header("X-HookGateway-Attempt") == "1"), Events / 2, Events);
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("kill")]
    [InlineData("stay")]
    public async Task Destination_Paused_GetsAllInOrderAfterItIsResumed(string meanwhile)
    {
        // More than one lease takes.
        const int Events = 300;
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, $$"""
            d: { url: "{{downstream.Url}}", concurrency: 1 }
            """, "d"));
        await gateway.PostAsync("pause");
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), "secret");
        List<string> sent = [];
        for (var number = 0; number < Events; number++)
            sent.Add((await sender.SendAsync(SysAidEvent.Created(number))).Id!);

        if (meanwhile == "restart")
            Assert.Equal(0, await gateway.TerminateAsync());
        else if (meanwhile == "kill")
            await gateway.KillAsync();

        if (meanwhile != "stay")
            await gateway.StartAgainAsync();

        Assert.Empty(downstream.Arrivals);
        await gateway.PostAsync("resume");

        var arrivals = await downstream.WaitForAsync(Events, TimeSpan.FromSeconds(60));
        Assert.Equal(sent, arrivals.Select(arrival => arrival.WebhookId));
        Assert.All(arrivals, arrival => Assert.Equal("1", arrival.Header("X-HookGateway-Attempt")));
    }

    private static void AssertEachOnce(string[] sent, IReadOnlyList<Arrival> arrivals) =>
        Assert.Equal(sent.Order(), arrivals.Select(arrival => arrival.WebhookId).Order());

    /// <summary>Events of several senders at once, all accepted.</summary>
    private static async Task<string[]> SendAsync(GatewayProcess gateway, int count)
    {
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), "secret");
        var ids = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Senders }, async (number, _) =>
        {
            var answer = await sender.SendAsync(SysAidEvent.Created(number));
            Assert.Equal(202, answer.Status);
            ids[number] = answer.Id!;
        });
        return ids;
    }

    private static Task LeftAloneAsync(GatewayProcess gateway, int times) => Wait.UntilAsync(
        () => gateway.Output.Split("left alone").Length > times, "the breaker to open again and again");

    private static async Task<bool> IsOpenAsync(GatewayProcess gateway)
    {
        var page = await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/metrics"));
        return page.Split('\n').Any(line => line.StartsWith("hookgateway_breaker_state{", StringComparison.Ordinal) && line.Contains("} 2", StringComparison.Ordinal));
    }

    private static string Configuration(GatewayPorts ports, string destinations, string to) => $$"""
        {{ports.Listen}}
        sources:
          sysaid: { preset: sysaid, secrets: [secret] }
        destinations:
          {{destinations}}
        routes:
          - { source: sysaid, to: [{{to}}] }
        """;
}

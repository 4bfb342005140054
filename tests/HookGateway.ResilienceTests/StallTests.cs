using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>
/// A gateway that stands still (SIGSTOP, a frozen machine) holds its store: nobody takes over meanwhile, and when it goes on,
/// or is killed and started again, nothing is lost, undone or counted twice.
/// </summary>
public sealed class StallTests
{
    private const int Events = 40;

    [Fact]
    public async Task Stall_SecondProcess_IsRefusedAndTheFirstGoesOn()
    {
        await using var downstream = await Receiver.StartAsync();
        var gate = new TaskCompletionSource();
        downstream.AnswerWith(_ => Answer.When(gate.Task));
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, "60s"));
        var sent = await SendAsync(gateway);
        await downstream.WaitForAsync(4);

        gateway.Pause();
        var second = await StartSecondAsync(gateway, downstream);
        gate.SetResult();

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("is in use by another process", second.Error, StringComparison.Ordinal);
        Assert.Contains("hookgateway.db.lock", second.Error, StringComparison.Ordinal);
        gateway.Resume();
        await gateway.DrainedAsync();
        await gateway.AssertBooksAsync(Events);
        Assert.Equal(sent.Order(), downstream.Arrivals.Select(arrival => arrival.WebhookId).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stall_BeyondTheTimeoutOfAnAttempt_IsCountedOnce(bool answersMeanwhile)
    {
        var timeout = TimeSpan.FromSeconds(10);
        await using var downstream = await Receiver.StartAsync();
        var gate = new TaskCompletionSource();
        downstream.AnswerWith(arrival => arrival.Attempt == 1 ? Answer.When(gate.Task) : Answer.Ok);
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, "10s"));
        using var sender = SenderOf(gateway);
        var id = (await sender.SendAsync(SysAidEvent.Created(1))).Id!;
        await downstream.WaitForAsync(1);

        gateway.Pause();
        if (answersMeanwhile)
            gate.SetResult();

        var stalled = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(() => TimeProvider.System.GetElapsedTime(stalled) > timeout + TimeSpan.FromSeconds(1), "the attempt's time to be over");
        gateway.Resume();
        await gateway.DrainedAsync();
        await gateway.AssertBooksAsync(1);

        // Answered and timed out at once, it may go either way; but every request is one attempt on record.
        var attempts = await AttemptsAsync(gateway, id);
        Assert.Equal(downstream.Arrivals.Count, attempts.Length);
        Assert.Equal(Enumerable.Range(1, attempts.Length), attempts.Select(attempt => attempt.Number));
        Assert.All(attempts.SkipLast(1), attempt => Assert.Equal("timeout", attempt.Error, ignoreCase: true));
        Assert.InRange(attempts.Length, answersMeanwhile ? 1 : 2, 2);
    }

    [Fact]
    public async Task Stall_KilledWhileStopped_TheNextStartDeliversWhatItHeld()
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(_ => Answer.Hang);
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, "60s"));
        var sent = await SendAsync(gateway);
        await downstream.WaitForAsync(4);

        gateway.Pause();
        await gateway.KillAsync();
        downstream.AnswerWith(_ => Answer.Ok);
        await gateway.StartAgainAsync();

        await gateway.DrainedAsync();
        await gateway.AssertBooksAsync(Events);
        Assert.All(sent, id => Assert.InRange(downstream.Arrivals.Count(arrival => arrival.WebhookId == id), 1, 2));

        // The four that were under way were sent again, and nothing else.
        Assert.Equal(Events + 4, downstream.Arrivals.Count);
    }

    private static Task<CommandRun> StartSecondAsync(GatewayProcess gateway, Receiver downstream)
    {
        var ports = FreePorts.Take(3);
        gateway.Write("second.yaml", Configuration(new GatewayPorts(ports[0], ports[1], ports[2]), downstream, "60s"));
        return CommandRun.OfAsync(["run", "--config", "second.yaml"], gateway.Directory);
    }

    private static SysAidSender SenderOf(GatewayProcess gateway) => new(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), "secret");

    private static async Task<string[]> SendAsync(GatewayProcess gateway)
    {
        using var sender = SenderOf(gateway);
        var answers = await Task.WhenAll(Enumerable.Range(0, Events).Select(number => sender.SendAsync(SysAidEvent.Created(number))));
        Assert.All(answers, answer => Assert.Equal(202, answer.Status));
        return [.. answers.Select(answer => answer.Id!)];
    }

    private static async Task<(int Number, string? Error)[]> AttemptsAsync(GatewayProcess gateway, string id)
    {
        var stored = await gateway.GetAsync($"/api/v1/events/{id}");
        var log = Assert.Single(stored.GetProperty("deliveries").EnumerateArray()).GetProperty("log");
        return [.. log.EnumerateArray().Select(attempt => (
            attempt.GetProperty("number").GetInt32(), attempt.TryGetProperty("error", out var error) ? error.GetString() : null))];
    }

    private static string Configuration(GatewayPorts ports, Receiver downstream, string timeout) => $$"""
        {{ports.Listen}}
        sources:
          sysaid: { preset: sysaid, secrets: [secret] }
        destinations:
          d: { url: "{{downstream.Url}}", timeout: {{timeout}}, concurrency: 4, retry: { first: 200ms, factor: 1 } }
        routes:
          - { source: sysaid, to: [d] }
        """;
}

using System.Net;
using System.Net.Sockets;
using HookGateway.FunctionalTests.MainJob;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary><c>run</c> where it cannot start: one line that says why, exit 1, and nothing lost.</summary>
public sealed class RunCommandTests
{
    private static readonly GatewayStart Failing = new() { WaitUntilReady = false };

    [Fact]
    public async Task Run_PortTakenAndEventsWaiting_SettlesWhatItBeganBeforeItEnds()
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(_ => Answer.Hang);
        await using var gateway = await StartAsync(downstream.Url);
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), SysAidGateway.Secret);
        await sender.SendAsync(SysAidEvent.Created(1));
        await downstream.WaitForAsync(1);
        await gateway.KillAsync();

        var gate = new TaskCompletionSource();
        downstream.AnswerWith(_ => Answer.When(gate.Task));
        using (var taken = new TcpListener(IPAddress.Loopback, gateway.Ports.Admin))
        {
            taken.Start();
            await gateway.StartAgainAsync(Failing);
            await downstream.WaitForAsync(2);
            gate.SetResult();
            Assert.Equal(1, await gateway.WaitForExitAsync());
        }

        Assert.Contains($"cannot start: Failed to bind to address http://127.0.0.1:{gateway.Ports.Admin}", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", gateway.Output, StringComparison.Ordinal);

        // It was settled: the next run sends only what comes after.
        await gateway.StartAgainAsync();
        await sender.SendAsync(SysAidEvent.Created(2));
        await downstream.WaitForAsync(3);
        Assert.Equal(2, downstream.Arrivals.Select(arrival => arrival.WebhookId).Distinct().Count());
        Assert.Equal(3, downstream.Arrivals.Count);
    }

    [Fact]
    public async Task Run_AddressOfAnotherMachine_NamesWhatItWasToListenOn()
    {
        await using var gateway = await StartAsync(new Uri("http://127.0.0.1:1/"), address: "203.0.113.9");

        Assert.Equal(1, await gateway.WaitForExitAsync());
        Assert.Contains($"cannot listen on all of 203.0.113.9:{gateway.Ports.Https}", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", gateway.Output, StringComparison.Ordinal);
    }

    private static Task<GatewayProcess> StartAsync(Uri downstream, string? address = null) => GatewayProcess.StartAsync(
        ports => $$"""
            listen:
              https: { address: "{{address ?? "127.0.0.1"}}:{{ports.Https}}" }
              admin: { address: "127.0.0.1:{{ports.Admin}}" }
            sources:
              sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] }
            destinations:
              d: { url: "{{downstream}}", timeout: 20s }
            routes:
              - { source: sysaid, to: [d] }
            """,
        address is null ? null : Failing);
}

using System.Net;
using System.Net.Sockets;
using HookGateway.FunctionalTests.MainJob;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary>A gateway that cannot start says why in a line, and not in a stack trace.</summary>
public sealed class RunCommandTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Store_InUse_ExitsOneAndSaysByWhom()
    {
        await using var first = await GatewayProcess.StartAsync(Configuration);
        var ports = FreePorts.Take(2);

        var second = await RunAsync(ports[0], ports[1], Path.Combine(first.Directory, "data", "hookgateway.db"));

        AssertRefused(second, "is in use by another process");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Port_InUse_ExitsOneAndNamesIt(bool admin)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var free = FreePorts.Take(1)[0];

        var run = admin ? await RunAsync(free, port, "store.db") : await RunAsync(port, free, "store.db");

        AssertRefused(run, $"127.0.0.1:{port}: address already in use");
    }

    [Fact]
    public async Task Address_OfAnotherMachine_ExitsOneAndNamesIt()
    {
        var yaml = Yaml("{ address: \"203.0.113.9:8443\" }", FreePorts.Take(1)[0], "store.db");

        AssertRefused(await RunAsync(yaml), "203.0.113.9:8443");
    }

    [Fact]
    public async Task Certificate_ThatIsNone_ExitsOneAndNamesIt()
    {
        var ports = FreePorts.Take(2);
        _files.Write("tls.crt", "no certificate");
        _files.Write("tls.key", "no key");
        var yaml = Yaml($"{{ address: \"127.0.0.1:{ports[0]}\", certificate: tls.crt, key: tls.key }}", ports[1], "store.db");

        AssertRefused(await RunAsync(yaml), "tls.crt");
    }

    [Fact]
    public async Task Admin_BeyondLoopbackWithoutAToken_ExitsTwoWithThePlace()
    {
        var run = await RunAsync("listen: { admin: { address: \"0.0.0.0:9080\" } }\nsources: { crm: { verify: none, event: type } }\n");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("hookgateway.yaml:1:", run.Error, StringComparison.Ordinal);
        Assert.Contains("refuses to start", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PortTakenAndEventsWaiting_SettlesWhatItBeganBeforeItEnds()
    {
        await using var downstream = await Receiver.StartAsync();
        downstream.AnswerWith(_ => Answer.Hang);
        await using var gateway = await GatewayProcess.StartAsync(ports => Delivering(ports, downstream.Url));
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), SysAidGateway.Secret);
        await sender.SendAsync(SysAidEvent.Created(1));
        await downstream.WaitForAsync(1);
        await gateway.KillAsync();

        var gate = new TaskCompletionSource();
        downstream.AnswerWith(_ => Answer.When(gate.Task));
        using (var taken = new TcpListener(IPAddress.Loopback, gateway.Ports.Admin))
        {
            taken.Start();
            await gateway.StartAgainAsync(new GatewayStart { WaitUntilReady = false });
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

    private static void AssertRefused(CommandRun run, string reason)
    {
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        var last = run.Error.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("The gateway cannot start: ", last);
        Assert.Contains(reason, last);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.DoesNotContain("crit:", run.Error);
        Assert.DoesNotContain("fail:", run.Error);
    }

    private Task<CommandRun> RunAsync(int https, int admin, string store) =>
        RunAsync(Yaml($"{{ address: \"127.0.0.1:{https}\" }}", admin, store));

    private Task<CommandRun> RunAsync(string yaml) =>
        CommandRun.OfAsync(["run", "--config", _files.Write("hookgateway.yaml", yaml)], _files.Path);

    private static string Configuration(GatewayPorts ports) =>
        Yaml($"{{ address: \"127.0.0.1:{ports.Https}\" }}", ports.Admin, "data/hookgateway.db");

    private static string Delivering(GatewayPorts ports, Uri downstream) => $$"""
        listen:
          https: { address: "127.0.0.1:{{ports.Https}}" }
          admin: { address: "127.0.0.1:{{ports.Admin}}" }
        sources: { sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] } }
        destinations: { d: { url: "{{downstream}}", timeout: 20s } }
        routes: [{ source: sysaid, to: d }]
        """;

    private static string Yaml(string https, int admin, string store) => $$"""
        listen:
          https: {{https}}
          admin: { address: "127.0.0.1:{{admin}}" }
        storage: { path: "{{store}}" }
        sources: { sysaid: { preset: sysaid, secrets: [s] } }
        destinations: { d: { url: "http://127.0.0.1:9/" } }
        routes: [{ source: sysaid, to: d }]
        """;
}

using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>Memory does not grow with what waits. How much it is with a million events, <c>bench/backlog</c> measures.</summary>
public sealed class BacklogTests
{
    // Three times what the managed heap may be: a gateway that kept a third of the bodies would end.
    private const int Events = 5000;
    private const int Size = 60_000;
    private const string HeapLimit = "0x6400000";

    [Theory]
    [InlineData("gone")]
    [InlineData("hanging")]
    [InlineData("paused")]
    public async Task Backlog_ManyTimesTheHeap_IsTakenInAndDelaysNoOther(string trouble)
    {
        await using var ill = await Receiver.StartAsync();
        await using var healthy = await Receiver.StartAsync();
        ill.AnswerWith(_ => Answer.Hang);
        if (trouble == "gone")
            await ill.GoAsync();

        await using var gateway = await GatewayProcess.StartAsync(
            ports => Configuration(ports, ill, healthy),
            new GatewayStart { Environment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = HeapLimit } });
        if (trouble == "paused")
            await gateway.PostAsync("pause", "ill");

        using var sender = new SysAidSender(new Uri(gateway.HttpUrl, "/hooks/sysaid"), "secret");
        var body = SysAidEvent.OfSize(1, Size);
        await Parallel.ForAsync(0, Events, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
        {
            var answer = await sender.SendAsync(body, ("X-Number", $"{number}"));
            Assert.Equal(202, answer.Status);
        });

        Assert.False(gateway.HasExited);
        var answer = await sender.SendAsync(SysAidEvent.Updated(1, "to", "both"));
        await healthy.WaitForAsync(arrivals => arrivals.Any(arrival => arrival.WebhookId == answer.Id));
        Assert.DoesNotContain("OutOfMemory", gateway.Output, StringComparison.Ordinal);
    }

    // Events of a number of their own: the body is made, and signed, once.
    private static string Configuration(GatewayPorts ports, Receiver ill, Receiver healthy) => $$"""
        {{ports.Listen}}
        limits: { requestTimeout: 25s }
        sources:
          sysaid: { preset: sysaid, secrets: [secret], id: "header:X-Number" }
        destinations:
          ill: { url: "{{ill.Url}}", timeout: 5m }
          healthy: { url: "{{healthy.Url}}" }
        routes:
          - { source: sysaid, events: [sr.created], to: [ill] }
          - { source: sysaid, events: [sr.updated], to: [ill, healthy] }
        """;
}

using HookGateway.Testing;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using Xunit;

namespace HookGateway.FunctionalTests.MainJob;

/// <summary>Downstreams that each behave in their own way, described in WireMock.</summary>
public sealed class WireMockTests
{
    [Fact]
    public async Task Destinations_OneFailsOneIsGoneOneRedirects_EachIsTreatedByItself()
    {
        using var downstreams = WireMockServer.Start();
        downstreams.Given(Request.Create().WithPath("/well").UsingPost()).RespondWith(Response.Create().WithStatusCode(200));
        downstreams.Given(Request.Create().WithPath("/gone").UsingPost()).RespondWith(Response.Create().WithStatusCode(410));
        downstreams.Given(Request.Create().WithPath("/moved").UsingPost())
            .RespondWith(Response.Create().WithStatusCode(302).WithHeader("Location", $"{downstreams.Url}/elsewhere"));
        downstreams.Given(Request.Create().WithPath("/ill").UsingPost()).InScenario("ill")
            .WillSetStateTo("better").RespondWith(Response.Create().WithStatusCode(503).WithHeader("Retry-After", "1"));
        downstreams.Given(Request.Create().WithPath("/ill").UsingPost()).InScenario("ill").WhenStateIs("better")
            .RespondWith(Response.Create().WithStatusCode(204));
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstreams.Url!));
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), SysAidGateway.Secret);

        var answer = await sender.SendAsync(SysAidEvent.Created(1));

        await Wait.UntilAsync(() => Count(downstreams, "/ill") == 2 && Count(downstreams, "/moved") == 2, "the retries");
        Assert.Equal(1, Count(downstreams, "/well"));
        Assert.Equal(1, Count(downstreams, "/gone"));
        Assert.Equal(0, Count(downstreams, "/elsewhere"));
        Assert.All(downstreams.LogEntries, entry => Assert.Equal(answer.Id, entry.RequestMessage!.Headers!["webhook-id"][0]));
        await Wait.UntilAsync(
            () => gateway.Output.Contains("is dead for gone after attempt 1", StringComparison.Ordinal)
                && gateway.Output.Contains("is dead for moved after attempt 2", StringComparison.Ordinal),
            "both to be given up");
    }

    private static int Count(WireMockServer server, string path) =>
        server.LogEntries.Count(entry => entry.RequestMessage!.Path == path);

    private static string Configuration(GatewayPorts ports, string url) => $$"""
        {{ports.Listen}}
        sources:
          sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] }
        destinations:
          well: { url: "{{url}}/well" }
          gone: { url: "{{url}}/gone" }
          moved: { url: "{{url}}/moved", retry: { attempts: 2, first: 100ms } }
          ill: { url: "{{url}}/ill" }
        routes:
          - { source: sysaid, to: [well, gone, moved, ill] }
        """;
}

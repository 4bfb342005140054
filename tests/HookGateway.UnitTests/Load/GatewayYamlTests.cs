using HookGateway.Configuration;
using HookGateway.Load.Commands;
using HookGateway.Load.Loading;
using HookGateway.Load.Measuring;
using HookGateway.Load.Peers;
using HookGateway.Route;
using HookGateway.Testing;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class GatewayYamlTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public static TheoryData<string, string> Gateways { get; } =
    [
        .. from scenario in Scenario.All
           from candidate in scenario.CandidatesFor(new Settings())
           where candidate.Kind == PeerKind.Gateway
           select (scenario.Name, candidate.Name),
    ];

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Gateways))]
    public void Write_EveryGatewayOfTheScenarios_IsAConfigurationOfItsShape(string scenario, string name)
    {
        var candidate = Scenario.All.Single(one => one.Name == scenario).CandidatesFor(new Settings()).Single(one => one.Name == name);
        var shape = candidate.Gateway;

        var configuration = Load(candidate);

        Assert.Equal(shape.OnRedis ? "redis" : "sqlite", configuration.Storage.Engine);
        Assert.Equal(candidate.Https, configuration.Listen.Https is not null);
        Assert.Equal(shape.Sampling is not null, configuration.Telemetry.Otlp is not null);
        Assert.Equal(shape.Sampling ?? 1, configuration.Telemetry.Sampling);
        Assert.Equal(shape.Routes, configuration.Routes.Count);
        Assert.Equal(
            Math.Max(shape.Destinations, shape.FanOut) + (shape.Stored.Pending > 0 ? 1 : 0), configuration.Destinations.Count);
        Assert.Equal("/hooks/sysaid", configuration.Sources.Single().Path);
    }

    [Fact]
    public void Write_ManyRoutes_EachEventNameGoesToOneDestinationAndAllGetSome()
    {
        var configuration = Load(Gateway(new GatewayShape { Routes = 1000, Destinations = 200 }));
        var table = new RouteTable(configuration.Routes);

        var destinations = Enumerable.Range(0, 1000)
            .Select(number => Assert.Single(table.Match("sysaid", SampleEvent.Name(number)).Routes.SelectMany(route => route.To)));

        Assert.All(destinations.CountBy(name => name), destination => Assert.Equal(5, destination.Value));
    }

    [Fact]
    public void Write_FanOut_EveryEventGoesToAll()
    {
        var configuration = Load(Gateway(new GatewayShape { FanOut = 5 }));

        Assert.Equal(["sink-0", "sink-1", "sink-2", "sink-3", "sink-4"], configuration.Routes.Single().To);
    }

    private static Candidate Gateway(GatewayShape shape) => new() { Name = "gateway", Kind = PeerKind.Gateway, Gateway = shape };

    private GatewayConfiguration Load(Candidate candidate)
    {
        var around = new Surroundings(
            candidate.Gateway.OnRedis ? "{ engine: redis, connection: redis }" : $$"""{ path: "{{_files.File("store.db")}}" }""",
            new Uri("http://127.0.0.1:9000/"), new Uri("http://127.0.0.1:9001/"), new Uri("http://127.0.0.1:4318/"),
            TestCertificate.SelfSigned().WriteTo(_files.Path));
        var path = _files.Write("hookgateway.yaml", GatewayYaml.Write(candidate, new GatewayPorts(8443, 8080, 9080), around));
        var valid = Assert.IsType<ConfigurationResult.Valid>(ConfigurationLoader.Load(path, _ => null));
        Assert.Empty(valid.Warnings);
        return valid.Configuration;
    }
}

using HookGateway.Load.Commands;
using HookGateway.Load.Peers;

namespace HookGateway.Load.Measuring;

/// <summary>What is run side by side to answer one question.</summary>
/// <param name="Name">The word on the command line.</param>
/// <param name="Description">The question.</param>
/// <param name="Candidates">The rows.</param>
/// <param name="IsPaced">Whether the load is paced; else it is as much as is answered.</param>
/// <param name="Starts">How often everything is started where nobody says otherwise.</param>
internal sealed record Scenario(
    string Name, string Description, Func<Settings, IReadOnlyList<Candidate>> Candidates, bool IsPaced = false, int Starts = 3)
{
    /// <summary>The gateway's plain row: one destination, nothing exported, an empty store.</summary>
    public const string Plain = "gateway, sqlite";

    private static readonly Candidate Kestrel = new() { Name = "kestrel", Kind = PeerKind.Kestrel };
    private static readonly Candidate Synced = new() { Name = "kestrel, synced", Kind = PeerKind.Synced };
    private static readonly Candidate Yarp = new() { Name = "yarp", Kind = PeerKind.Yarp };
    private static readonly Candidate Gateway = new() { Name = Plain, Kind = PeerKind.Gateway };

    /// <summary>All of them; the first is the default.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("compare", "the gateway on each engine beside its peers: unique events, fan-out 5, a tenth of duplicates, a tenth of forgeries", _ =>
        [
            Kestrel,
            Synced,
            Yarp,
            Gateway,
            Gateway with { Name = "gateway, redis", Gateway = new GatewayShape { OnRedis = true } },
            Shaped("fan-out 5", new GatewayShape { FanOut = 5 }),
            Gateway with { Name = $"{Plain}, 10 % duplicates", DuplicatePercent = 10 },
            Gateway with { Name = $"{Plain}, 10 % forged", ForgedPercent = 10 },
        ]),
        new("telemetry", "what exporting to an OTLP receiver costs, at sampling 0.01 and 1.0", _ =>
        [
            Kestrel,
            Yarp,
            Gateway,
            Shaped("OTLP, sampling 0.01", new GatewayShape { Sampling = 0.01 }),
            Shaped("OTLP, sampling 1.0", new GatewayShape { Sampling = 1 }),
        ]),
        new("routes", "1,000 routes and 200 destinations against one of each, and what 200 cost YARP", _ =>
        [
            Kestrel,
            Yarp,
            Yarp with { Name = "yarp, 200 destinations", Gateway = new GatewayShape { Destinations = 200 } },
            Gateway,
            Shaped("1000 routes, 200 destinations", new GatewayShape { Routes = 1000, Destinations = 200 }),
        ]),
        new("store", "10,000 stored events against millions, and a dead destination that is owed very much; start times", settings =>
        [
            Kestrel,
            Yarp,
            Shaped(
                "10000 stored",
                new GatewayShape { Stored = new StoreContent { Delivered = Math.Min(10_000, settings.Stored), Marks = Math.Min(10_000, settings.Marks) } }),
            Shaped($"{settings.Stored} stored", new GatewayShape { Stored = new StoreContent { Delivered = settings.Stored, Marks = settings.Marks } }),
            Shaped($"{settings.Pending} pending", new GatewayShape { Stored = new StoreContent { Pending = settings.Pending } }),
        ],
            Starts: 1),
        new("tls", "what TLS costs a request on a kept connection, and a new connection", _ =>
        [
            .. from candidate in new[] { Kestrel, Yarp, Gateway }
               from transport in new (string Text, bool Https, bool New)[] { ("", false, false), (", https", true, false), (", new connections", false, true), (", https, new connections", true, true) }
               select candidate with { Name = candidate.Name + transport.Text, Https = transport.Https, NewConnections = transport.New },
        ]),
        new(
            "paced", "half the load that the gateway bears: times to the 202, from there to the downstream, and stalls beside the disk's",
            _ => [Kestrel, Synced, Yarp, Gateway],
            IsPaced: true,
            Starts: 1),
    ];

    /// <summary>The rows that are wanted, in their order.</summary>
    public IReadOnlyList<Candidate> CandidatesFor(Settings settings) =>
    [
        .. Candidates(settings).Where(candidate =>
            settings.Only.Count == 0 || settings.Only.Any(part => candidate.Name.Contains(part, StringComparison.OrdinalIgnoreCase))),
    ];

    private static Candidate Shaped(string what, GatewayShape shape) => Gateway with { Name = $"{Plain}, {what}", Gateway = shape };
}

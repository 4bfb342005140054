namespace HookGateway.Load.Peers;

/// <summary>One row of a run: a server and the load it gets.</summary>
internal sealed record Candidate
{
    /// <summary>As it stands in the table.</summary>
    public required string Name { get; init; }

    /// <summary>What serves.</summary>
    public required PeerKind Kind { get; init; }

    /// <summary>Whether senders come over TLS. Default no.</summary>
    public bool Https { get; init; }

    /// <summary>Whether each request comes on a connection of its own. Default no: they are kept.</summary>
    public bool NewConnections { get; init; }

    /// <summary>How many of 100 requests repeat an id that was sent before. Default 0.</summary>
    public int DuplicatePercent { get; init; }

    /// <summary>How many of 100 requests have a wrong signature. Default 0.</summary>
    public int ForgedPercent { get; init; }

    /// <summary>How the gateway is configured; YARP takes from it how many destinations there are.</summary>
    public GatewayShape Gateway { get; init; } = new();

    /// <summary>How many deliveries an accepted event makes.</summary>
    public int DeliveriesPerEvent => Kind switch
    {
        PeerKind.Kestrel or PeerKind.Synced => 0,
        PeerKind.Yarp => 1,
        _ => Gateway.FanOut,
    };

    /// <summary>How many event names the load uses in turn: one a route.</summary>
    public int EventNames => Gateway.Routes;

    /// <summary>Whether <paramref name="other"/> gets the same kind of connections, so that the two can be compared.</summary>
    public bool HasTransportOf(Candidate other) => Https == other.Https && NewConnections == other.NewConnections;
}

/// <summary>What is measured.</summary>
internal enum PeerKind
{
    /// <summary>Kestrel alone: reads the body and answers 202. Nothing is verified, kept or delivered: the floor.</summary>
    Kestrel,

    /// <summary>
    /// Kestrel that answers 202 when the body is on the disk, one sync for all that came meanwhile. Nothing is verified, told apart or
    /// delivered: the floor of any answer that promises to keep the event.
    /// </summary>
    Synced,

    /// <summary>YARP alone: the sender waits for the downstream's answer. Nothing is verified or kept.</summary>
    Yarp,

    /// <summary>The gateway, on either engine.</summary>
    Gateway,
}

namespace HookGateway.Load.Peers;

/// <summary>How a gateway that is measured is configured, and what its store holds before it starts.</summary>
internal sealed record GatewayShape
{
    /// <summary>Whether its events lie in Redis, of which a server is started for it. Default no: in SQLite.</summary>
    public bool OnRedis { get; init; }

    /// <summary>How many destinations each event goes to. Default 1.</summary>
    public int FanOut { get; init; } = 1;

    /// <summary>How many routes there are. With one it takes every event; of several each takes one event name. Default 1.</summary>
    public int Routes { get; init; } = 1;

    /// <summary>How many destinations there are; the routes name them in turn. Default: as many as an event goes to.</summary>
    public int Destinations { get; init; } = 1;

    /// <summary><c>telemetry.sampling</c> with an OTLP receiver; <see langword="null"/>: nothing is exported. Default null.</summary>
    public double? Sampling { get; init; }

    /// <summary>What the store holds before the start; only with SQLite. Default nothing.</summary>
    public StoreContent Stored { get; init; } = new();
}

/// <summary>What a store is filled with.</summary>
internal sealed record StoreContent
{
    /// <summary>Events that were delivered.</summary>
    public long Delivered { get; init; }

    /// <summary>How many of the delivered ones are within the dedupe window, at most all: their marks are in memory.</summary>
    public long Marks { get; init; }

    /// <summary>Further events that are owed to a destination where nobody listens.</summary>
    public long Pending { get; init; }

    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => Delivered + Pending == 0;
}

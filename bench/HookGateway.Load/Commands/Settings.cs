using HookGateway.Load.Machine;

namespace HookGateway.Load.Commands;

/// <summary>How a scenario is run.</summary>
internal sealed record Settings
{
    /// <summary>How often all servers are started and ended. Default: as the scenario has it.</summary>
    public int? Starts { get; init; }

    /// <summary>How often each server gets its turn after each start. Default 3.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>How long each turn is. Default 3 s.</summary>
    public int Seconds { get; init; } = 3;

    /// <summary>How many bursts of 2 s a server gets at most before the first round; fewer, but eight, where it gets no faster. Default 15.</summary>
    public int WarmUp { get; init; } = 15;

    /// <summary>Connections of the load. Default 64.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>Threads of wrk. Default 1: more than it has CPUs help nobody.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Where servers run. Default <c>0</c>.</summary>
    public CpuSet ServerCpus { get; init; } = new("0");

    /// <summary>Where the load and the downstream run. Default <c>1</c>.</summary>
    public CpuSet LoadCpus { get; init; } = new("1");

    /// <summary>Events a second of a paced load. Default: half of what the gateway took while it was warmed up.</summary>
    public int? Rate { get; init; }

    /// <summary>Only rows whose names have one of these in them. Default all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Delivered events in the big store. Default 5,000,000.</summary>
    public long Stored { get; init; } = 5_000_000;

    /// <summary>How many of them are within the dedupe window. Default 1,000,000.</summary>
    public long Marks { get; init; } = 1_000_000;

    /// <summary>Events that are owed to a dead destination. Default 1,000,000.</summary>
    public long Pending { get; init; } = 1_000_000;

    /// <summary>The same in seconds instead of minutes: whether everything works, not how fast.</summary>
    public Settings Smoke() => this with { Starts = 1, Rounds = 1, Seconds = 1, WarmUp = 1, Stored = 20_000, Marks = 10_000, Pending = 10_000 };
}

using System.Globalization;
using HookGateway.Load.Peers;

namespace HookGateway.Load.Measuring;

/// <summary>What TLS adds to a request and to a connection, where a run has all four kinds of connection.</summary>
internal static class TlsCosts
{
    /// <summary>A line for each kind of server; empty where the run tells nothing.</summary>
    public static string Write(IReadOnlyList<Row> rows) => string.Concat(
        from kind in Enum.GetValues<PeerKind>()
        let cost = Of([.. rows.Where(row => row.Candidate.Kind == kind)])
        where cost is not null
        select string.Create(
            CultureInfo.InvariantCulture,
            $"{kind.ToString().ToLowerInvariant()}: TLS costs {cost.Value.Request:0.0} µs of CPU a request and {cost.Value.Connection:0} µs a new connection.\n"));

    private static (double Request, double Connection)? Of(IReadOnlyList<Row> rows)
    {
        if (Cpu(https: false, isNew: false) is not { } plain || Cpu(https: true, isNew: false) is not { } request
            || Cpu(https: false, isNew: true) is not { } connection || Cpu(https: true, isNew: true) is not { } both)
            return null;

        // A request on a connection of its own pays for both.
        return (request - plain, both - connection - (request - plain));

        double? Cpu(bool https, bool isNew) =>
            rows.FirstOrDefault(row => row.Candidate.Https == https && row.Candidate.NewConnections == isNew)?.CpuMicroseconds;
    }
}

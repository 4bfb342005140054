using HookGateway.Load.Loading;
using HookGateway.Load.Measuring;
using HookGateway.Load.Peers;

namespace HookGateway.UnitTests.Load;

/// <summary>Results as a run might have them.</summary>
internal static class Rows
{
    /// <summary>A round in which so many events were accepted in a second, at so much processor time each.</summary>
    public static Round Round(double perSecond, double cpu = 50, PacedResult? paced = null) => new(
        new LoadResult
        {
            Seconds = 2,
            Requests = (long)(2 * perSecond),
            Accepted = (long)(2 * perSecond),
            P50 = 1,
            P99 = 4,
            P999 = 9,
            Longest = 20,
            Paced = paced,
        },
        cpu, ResidentMiB: 100, WrittenBytes: 8000, WriteCallBytes: 9000, Delivered: (long)(2 * perSecond), IsDrained: true, OthersShare: 0.01);

    /// <summary>A row with these rounds after one start.</summary>
    public static Row Row(Candidate candidate, params Round[] rounds) => Row(candidate, [rounds]);

    /// <summary>A row with the rounds of several starts.</summary>
    public static Row Row(Candidate candidate, params Round[][] lives) => new(
        candidate,
        [.. lives.Select(rounds => new Life(rounds, StartSeconds: 1.5, PeakMiB: 120, StoredBytes: candidate.Kind == PeerKind.Gateway ? 3400 : null))]);

    /// <summary>A server of a kind, reached in this way.</summary>
    public static Candidate Candidate(PeerKind kind, bool https = false, bool newConnections = false) => new()
    {
        Name = kind.ToString(),
        Kind = kind,
        Https = https,
        NewConnections = newConnections,
    };
}

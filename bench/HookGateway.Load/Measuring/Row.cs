using HookGateway.Load.Peers;

namespace HookGateway.Load.Measuring;

/// <summary>All that was measured of one server.</summary>
/// <param name="Candidate">What it was.</param>
/// <param name="Rounds">In their order, at least one.</param>
/// <param name="StartSeconds">From the start of its process until it took requests.</param>
/// <param name="PeakMiB">The most memory that it ever had.</param>
/// <param name="StoredBytes">
/// What its store has grown by, a stored event, warm-up included; <see langword="null"/> where it has none, or too few to tell.
/// </param>
internal sealed record Row(Candidate Candidate, IReadOnlyList<Round> Rounds, double StartSeconds, double PeakMiB, double? StoredBytes)
{
    /// <summary>The median over the rounds; NaN where none has the number.</summary>
    public double Median(Func<Round, double?> number) => Percentile.Median(Rounds.Select(number).OfType<double>());

    /// <summary>Events accepted a second, median.</summary>
    public double AcceptedPerSecond => Median(round => round.AcceptedPerSecond);

    /// <summary>Processor time a request in microseconds, median.</summary>
    public double CpuMicroseconds => Median(round => round.CpuMicroseconds);

    /// <summary>Half the way from the slowest round to the fastest, as a part of the median.</summary>
    public double Spread =>
        (Rounds.Max(round => round.AcceptedPerSecond) - Rounds.Min(round => round.AcceptedPerSecond)) / 2 / AcceptedPerSecond;

    /// <summary>Whether every round's accepted events arrived.</summary>
    public bool IsDrained => Rounds.All(round => round.IsDrained);
}

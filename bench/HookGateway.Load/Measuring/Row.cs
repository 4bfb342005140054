using System.Text.Json.Serialization;
using HookGateway.Load.Peers;

namespace HookGateway.Load.Measuring;

/// <summary>All that was measured of one server.</summary>
/// <param name="Candidate">What it was.</param>
/// <param name="Lives">One for each time that it was started, at least one.</param>
internal sealed record Row(Candidate Candidate, IReadOnlyList<Life> Lives)
{
    /// <summary>Those of all its lives, in their order.</summary>
    [JsonIgnore]
    public IReadOnlyList<Round> Rounds { get; } = [.. Lives.SelectMany(life => life.Rounds)];

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

    /// <summary>
    /// This row's number to another's, one for each time that the servers were started: the median over the rounds, each by itself,
    /// for what the machine did then fell on both.
    /// </summary>
    public IReadOnlyList<double> RatiosTo(Row other, Func<Round, double> number) =>
    [
        .. Lives.Zip(other.Lives, (one, against) => Percentile.Median(
            one.Rounds.Zip(against.Rounds, (mine, theirs) => number(mine) / number(theirs)))),
    ];
}

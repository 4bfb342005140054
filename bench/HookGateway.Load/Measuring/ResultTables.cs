using System.Globalization;
using HookGateway.Load.Peers;

namespace HookGateway.Load.Measuring;

/// <summary>What people read of a run: medians, and each row's ratios to Kestrel, YARP and the plain gateway.</summary>
internal static class ResultTables
{
    private static readonly PeerKind[] ComparedWith = [PeerKind.Kestrel, PeerKind.Yarp, PeerKind.Gateway];

    /// <summary>All that there is to say about these rows.</summary>
    public static string Write(IReadOnlyList<Row> rows)
    {
        string[] parts = rows.Any(row => row.Rounds[0].Load.Paced is not null)
            ? [Numbers(rows), Paced(rows), Notes(rows)]
            : [Numbers(rows), Ratios(rows), TlsCosts.Write(rows), Notes(rows)];
        return string.Join('\n', parts.Where(part => part.Length > 0));
    }

    private static string Numbers(IReadOnlyList<Row> rows) => TextTable.Write(
        ["medians of the rounds", "accepted/s", "±", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs", "RSS MiB", "peak MiB", "written B", "stored B", "start s"],
        [.. rows.Select(row => (string[])
        [
            row.IsDrained ? row.Candidate.Name : $"{row.Candidate.Name} *",
            Text(row.AcceptedPerSecond, "0"), Text(row.Spread, "0 %"), Text(row.Median(round => round.Load.P50), "0.00"),
            Text(row.Median(round => round.Load.P99), "0.00"), Text(row.Median(round => round.Load.P999), "0.00"),
            Text(row.CpuMicroseconds, "0.0"), Text(row.Median(round => round.ResidentMiB), "0"), Text(row.Lives.Max(life => life.PeakMiB), "0"),
            row.Candidate.Kind is PeerKind.Gateway or PeerKind.Synced ? Text(row.Median(round => round.WrittenBytes), "0") : "-",
            Text(row.Lives.Average(life => life.StoredBytes), "0"), Text(row.Lives.Max(life => life.StartSeconds), "0.0"),
        ])]);

    private static string Ratios(IReadOnlyList<Row> rows) => TextTable.Write(
        ["ratios", "accepted ÷ kestrel", "÷ yarp", "÷ gateway", "p99 ÷ kestrel", "÷ yarp", "÷ gateway", "CPU ÷ kestrel", "÷ yarp", "÷ gateway"],
        [.. rows.Select(row => (string[])
        [
            row.Candidate.Name,
            .. Against(rows, row, round => round.AcceptedPerSecond),
            .. Against(rows, row, round => round.Load.P99),
            .. Against(rows, row, round => round.CpuMicroseconds),
        ])]);

    private static string Paced(IReadOnlyList<Row> rows) => TextTable.Write(
        [
            "paced", "p50 ÷ kestrel", "p99 ÷ kestrel", "p99 ÷ synced", "p99 ÷ yarp", "lag p50 ms", "lag p99 ms", "stalls ≥ 100 ms", "≥ 1 s", "longest ms",
            "beside the disk's", "beside the load's", "sync p99 ms", "sync longest ms", "load late p99 ms",
        ],
        [.. rows.Select(row => (string[])
        [
            row.Candidate.Name,
            Ratio(rows, row, PeerKind.Kestrel, round => round.Load.P50),
            Ratio(rows, row, PeerKind.Kestrel, round => round.Load.P99),
            Ratio(rows, row, PeerKind.Synced, round => round.Load.P99),
            Ratio(rows, row, PeerKind.Yarp, round => round.Load.P99),
            Text(row.Median(round => round.Load.Paced?.LagP50), "0.00"), Text(row.Median(round => round.Load.Paced?.LagP99), "0.00"),
            Sum(row, stalls => stalls.Long), Sum(row, stalls => stalls.VeryLong),
            Text(row.Rounds.Max(round => round.Load.Paced?.Stalls.LongestMilliseconds), "0"),
            Sum(row, stalls => stalls.WithDisk), Sum(row, stalls => stalls.WithLoad),
            Text(row.Median(round => round.Load.Paced?.SyncP99), "0.00"), Text(row.Rounds.Max(round => round.Load.Paced?.SyncLongest), "0"),
            Text(row.Median(round => round.Load.Paced?.LateP99), "0.00"),
        ])]);

    private static string Notes(IReadOnlyList<Row> rows)
    {
        const double Noticeable = 0.1;
        var notes = new List<string>();
        if (rows.Any(row => !row.IsDrained))
            notes.Add("* not everything accepted was delivered within a minute: its CPU is too low.");
        foreach (var row in rows.Where(row => row.Candidate.Kind == PeerKind.Gateway && row.Lives.Count > 1))
        {
            if (PeerOf(rows, row, PeerKind.Yarp) is { } yarp)
                notes.Add($"{row.Candidate.Name}: accepted ÷ yarp was {Each(row.RatiosTo(yarp, round => round.AcceptedPerSecond))} from start to start, CPU ÷ yarp {Each(row.RatiosTo(yarp, round => round.CpuMicroseconds))}.");
        }

        foreach (var row in rows.Where(row => row.Rounds.Any(round => round.Load.Failed + round.Load.Unanswered > 0)))
            notes.Add($"{row.Candidate.Name}: {row.Rounds.Sum(round => round.Load.Failed)} answers were failures, {row.Rounds.Sum(round => round.Load.Unanswered)} requests got none.");
        var others = rows.SelectMany(row => row.Rounds).Max(round => round.OthersShare);
        if (others > Noticeable)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"The machine was not quiet: other work took up to {others:P0} of the servers' CPUs in a round."));
        return string.Concat(notes.Select(note => $"{note}\n"));
    }

    private static IEnumerable<string> Against(IReadOnlyList<Row> rows, Row row, Func<Round, double> number) =>
        ComparedWith.Select(kind => Ratio(rows, row, kind, number));

    private static string Ratio(IReadOnlyList<Row> rows, Row row, PeerKind kind, Func<Round, double> number) =>
        PeerOf(rows, row, kind) is { } other ? Text(Percentile.Mean(row.RatiosTo(other, number)), "0.00") : "-";

    // The first of its kind that is reached in the same way.
    private static Row? PeerOf(IReadOnlyList<Row> rows, Row row, PeerKind kind) =>
        rows.FirstOrDefault(other => other.Candidate.Kind == kind && other.Candidate.HasTransportOf(row.Candidate));

    private static string Each(IEnumerable<double> numbers) => string.Join(' ', numbers.Select(number => Text(number, "0.00")));

    private static string Sum(Row row, Func<Loading.StallCount, int> count) =>
        Text(row.Rounds.Sum(round => round.Load.Paced is { } paced ? count(paced.Stalls) : 0), "0");

    private static string Text(double? number, string format) =>
        number is { } value && double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";
}

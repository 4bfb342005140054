using System.Text.Json;
using HookGateway.Load.Commands;
using HookGateway.Load.Loading;
using HookGateway.Load.Machine;
using HookGateway.Load.Measuring;
using HookGateway.Load.Peers;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class ResultTablesTests
{
    [Fact]
    public void Write_OfATable_AlignsItsColumns() => Assert.Equal(
        """
        | row     |    n |
        | ------- | ---: |
        | a       | 1000 |
        | b and c |    7 |

        """,
        TextTable.Write(["row", "n"], [["a", "1000"], ["b and c", "7"]]));

    [Fact]
    public void Write_OfRounds_GivesTheirMedianAndSpread()
    {
        var row = Rows.Row(Rows.Candidate(PeerKind.Gateway), Rows.Round(900), Rows.Round(1100), Rows.Round(1000));

        Assert.Equal(["Gateway", "1000", "10 %", "1.00", "4.00", "9.00", "50.0", "100", "120", "8000", "3400", "1.5"], Cells(ResultTables.Write([row]), "Gateway"));
    }

    [Fact]
    public void Write_OfSeveralServers_GivesEachItsRatiosRoundByRound()
    {
        // The machine was half as fast in the second round, and twice as fast in the third: the ratios are the same in all.
        Row[] rows =
        [
            Rows.Row(Rows.Candidate(PeerKind.Kestrel), Rows.Round(4000, cpu: 20), Rows.Round(2000, cpu: 40), Rows.Round(8000, cpu: 10)),
            Rows.Row(Rows.Candidate(PeerKind.Yarp), Rows.Round(2000, cpu: 80), Rows.Round(1000, cpu: 160), Rows.Round(4000, cpu: 40)),
            Rows.Row(Rows.Candidate(PeerKind.Gateway), Rows.Round(1000, cpu: 100), Rows.Round(500, cpu: 200), Rows.Round(2000, cpu: 50)),
        ];

        var ratios = ResultTables.Write(rows).Split("\n\n")[1];

        Assert.Equal(["Gateway", "0.25", "0.50", "1.00", "1.00", "1.00", "1.00", "5.00", "1.25", "1.00"], Cells(ratios, "Gateway"));
        Assert.Equal(["Kestrel", "1.00", "2.00", "4.00", "1.00", "1.00", "1.00", "1.00", "0.25", "0.20"], Cells(ratios, "Kestrel"));
    }

    [Fact]
    public void Write_OfSeveralStarts_GivesTheirMeanAndEachOfThem()
    {
        // Twice as fast as YARP once started, half as fast the next time: alike.
        Row[] rows =
        [
            Rows.Row(Rows.Candidate(PeerKind.Yarp), [Rows.Round(1000), Rows.Round(1000), Rows.Round(1000)], [Rows.Round(1000), Rows.Round(1000), Rows.Round(1000)]),
            Rows.Row(Rows.Candidate(PeerKind.Gateway), [Rows.Round(2000), Rows.Round(2000), Rows.Round(10)], [Rows.Round(500), Rows.Round(9000), Rows.Round(500)]),
        ];

        var text = ResultTables.Write(rows);

        Assert.Equal(["Gateway", "-", "1.00"], Cells(text.Split("\n\n")[1], "Gateway")[..3]);
        Assert.Contains("Gateway: accepted ÷ yarp was 2.00 0.50 from start to start", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OfServersReachedInOtherWays_ComparesThoseReachedAlike()
    {
        Row[] rows =
        [
            Rows.Row(Rows.Candidate(PeerKind.Kestrel), Rows.Round(4000)),
            Rows.Row(Rows.Candidate(PeerKind.Kestrel, https: true) with { Name = "kestrel over TLS" }, Rows.Round(2000)),
            Rows.Row(Rows.Candidate(PeerKind.Gateway, https: true), Rows.Round(1000)),
        ];

        Assert.Equal(["Gateway", "0.50", "-", "1.00"], Cells(ResultTables.Write(rows).Split("\n\n")[1], "Gateway")[..4]);
    }

    [Fact]
    public void Write_OfAllKindsOfConnections_TellsWhatTlsCosts()
    {
        Row Connected(bool https, bool isNew, double cpu) =>
            Rows.Row(Rows.Candidate(PeerKind.Gateway, https, isNew), Rows.Round(1000, cpu));

        var text = ResultTables.Write([Connected(false, false, 50), Connected(true, false, 58), Connected(false, true, 90), Connected(true, true, 698)]);

        Assert.Contains("gateway: TLS costs 8.0 µs of CPU a request and 600 µs a new connection.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OfAPacedRun_AddsTheStallsOfAllRounds()
    {
        var paced = new PacedResult(500, LateP99: 1, LagP50: 0.5, LagP99: 3, new StallCount(2, 1, 1, 0, 1200), SyncP99: 4, SyncLongest: 90);

        var text = ResultTables.Write([Rows.Row(Rows.Candidate(PeerKind.Gateway), Rows.Round(500, paced: paced), Rows.Round(500, paced: paced))]);

        Assert.Equal(["Gateway", "-", "-", "-", "-", "0.50", "3.00", "4", "2", "1200", "2", "0", "4.00", "90", "1.00"], Cells(text.Split("\n\n")[1], "Gateway"));
    }

    [Fact]
    public void Write_OfAPacedRun_GivesTimesAsPartsOfEachPeers()
    {
        Row[] rows =
        [
            Slow(PeerKind.Kestrel, 1),
            Slow(PeerKind.Synced, 2),
            Slow(PeerKind.Yarp, 16),
            Slow(PeerKind.Gateway, 4),
        ];

        Assert.Equal(["Gateway", "4.00", "4.00", "2.00", "0.25"], Cells(ResultTables.Write(rows).Split("\n\n")[1], "Gateway")[..5]);

        static Row Slow(PeerKind kind, double milliseconds)
        {
            var paced = new PacedResult(500, LateP99: 1, LagP50: null, LagP99: null, new StallCount(0, 0, 0, 0, 0), SyncP99: 4, SyncLongest: 90);
            var round = Rows.Round(500, paced: paced);
            return Rows.Row(Rows.Candidate(kind), round with { Load = round.Load with { P50 = milliseconds, P99 = milliseconds } });
        }
    }

    [Fact]
    public void Write_OfATroubledRun_SaysSo()
    {
        var round = Rows.Round(1000);
        var troubled = round with { IsDrained = false, OthersShare = 0.4, Load = round.Load with { Failed = 3, Unanswered = 2 } };

        var text = ResultTables.Write([Rows.Row(Rows.Candidate(PeerKind.Yarp), troubled)]);

        Assert.Contains("| Yarp * ", text, StringComparison.Ordinal);
        Assert.Contains("* not everything accepted was delivered", text, StringComparison.Ordinal);
        Assert.Contains("Yarp: 3 answers were failures, 2 requests got none.", text, StringComparison.Ordinal);
        Assert.Contains("up to 40 %", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ToJson_OfAReport_HoldsEveryRoundEvenWithoutNumbers()
    {
        var round = Rows.Round(1000) with { CpuMicroseconds = double.NaN };
        var hardware = new Hardware("cpu", 2, 16, "system", ".NET", "ext4", 0.3);
        var report = new Report(
            "compare", DateTimeOffset.UnixEpoch, hardware, new Settings(), [Rows.Row(Rows.Candidate(PeerKind.Kestrel), round, round)]);

        using var json = JsonDocument.Parse(report.ToJson());

        var row = json.RootElement.GetProperty("rows")[0];
        Assert.Equal("Kestrel", row.GetProperty("candidate").GetProperty("kind").GetString());
        var rounds = row.GetProperty("lives")[0].GetProperty("rounds");
        Assert.Equal(2, rounds.GetArrayLength());
        Assert.Equal(2000, rounds[1].GetProperty("load").GetProperty("accepted").GetInt64());
        Assert.Equal("ext4", json.RootElement.GetProperty("hardware").GetProperty("fileSystem").GetString());
    }

    private static string[] Cells(string text, string row)
    {
        var line = text.Split('\n').First(line => line.StartsWith($"| {row} ", StringComparison.Ordinal));
        return [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];
    }
}

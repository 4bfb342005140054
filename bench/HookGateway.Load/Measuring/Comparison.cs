using System.Diagnostics;
using HookGateway.Load.Commands;
using HookGateway.Load.Loading;
using HookGateway.Load.Machine;
using HookGateway.Load.Peers;

namespace HookGateway.Load.Measuring;

/// <summary>
/// Runs servers side by side. All are started and warmed up first and stay up; then they take turns, so that whatever else the
/// machine does falls on all of them. All of that several times: from start to start the same program differs by up to a fifth,
/// for what the compiler sees first decides what it makes of it.
/// </summary>
internal sealed class Comparison(Rig rig, Settings settings, WrkLoad full, Func<int, ILoad>? paced)
{
    private const double Mebi = 1024 * 1024;
    private const int FewestBursts = 8;
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RunIn = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<Peer, List<Round>> _rounds = [];
    private readonly Dictionary<Peer, Round> _lastBurst = [];
    private int? _pace;

    /// <summary>Measures all of them.</summary>
    /// <param name="candidates">The rows.</param>
    /// <param name="starts">How often they are started.</param>
    /// <param name="cancellationToken">Ends what was started.</param>
    public async Task<IReadOnlyList<Row>> RunAsync(IReadOnlyList<Candidate> candidates, int starts, CancellationToken cancellationToken)
    {
        var lives = new List<IReadOnlyList<Life>>();
        for (var start = 1; start <= starts; start++)
        {
            Tell($"start {start} of {starts}");
            lives.Add(await LiveAsync(candidates, cancellationToken));
        }

        return [.. candidates.Select((candidate, index) => new Row(candidate, [.. lives.Select(life => life[index])]))];
    }

    private async Task<IReadOnlyList<Life>> LiveAsync(IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken)
    {
        var peers = new List<Peer>();
        try
        {
            foreach (var candidate in candidates)
                peers.Add(await StartAsync(candidate, cancellationToken));
            var load = paced is null ? full : paced(_pace ??= settings.Rate ?? HalfOf(peers));
            if (load != full)
                await RunInAsync(load, peers, cancellationToken);
            for (var round = 1; round <= settings.Rounds; round++)
            {
                Tell($"round {round} of {settings.Rounds}");
                foreach (var peer in peers)
                    _rounds[peer].Add(await MeasureAsync(peer, load, TimeSpan.FromSeconds(settings.Seconds), cancellationToken));
            }

            var lives = new List<Life>();
            foreach (var peer in peers)
                lives.Add(await EndAsync(peer, cancellationToken));
            return lives;
        }
        finally
        {
            foreach (var peer in peers)
                await peer.DisposeAsync();
        }
    }

    private async Task<Peer> StartAsync(Candidate candidate, CancellationToken cancellationToken)
    {
        Tell($"starting {candidate.Name}");
        var peer = await Peer.StartAsync(candidate, rig, cancellationToken);
        _rounds[peer] = [];
        try
        {
            await WarmUpAsync(peer, cancellationToken);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    // Until two bursts in a row were no cheaper than the best before them.
    private async Task WarmUpAsync(Peer peer, CancellationToken cancellationToken)
    {
        var bursts = new List<Round>();
        while (bursts.Count < settings.WarmUp
               && (bursts.Count < FewestBursts || bursts.TakeLast(2).Min(Cost) < 0.95 * bursts.SkipLast(2).Min(Cost)))
            bursts.Add(await MeasureAsync(peer, full, Burst, cancellationToken));
        _lastBurst[peer] = bursts[^1];

        static double Cost(Round burst) => burst.CpuMicroseconds;
    }

    // The load's own program is compiled meanwhile: else its waiting for that would be measured.
    private async Task RunInAsync(ILoad load, IEnumerable<Peer> peers, CancellationToken cancellationToken)
    {
        Tell("running in");
        foreach (var peer in peers)
            await MeasureAsync(peer, load, RunIn, cancellationToken);
    }

    private int HalfOf(IEnumerable<Peer> peers)
    {
        var gateway = peers.FirstOrDefault(peer => peer.Candidate.Kind == PeerKind.Gateway)
            ?? throw new InvalidOperationException("Without a gateway there is no half of its load: give --rate.");
        var rate = Math.Max(1, (int)(_lastBurst[gateway].AcceptedPerSecond / 2));
        Tell($"pace: {rate} events a second");
        return rate;
    }

    private async Task<Round> MeasureAsync(Peer peer, ILoad load, TimeSpan time, CancellationToken cancellationToken)
    {
        var delivered = await rig.Downstream.CountAsync(cancellationToken);
        var before = ProcessUsage.Of(peer.ProcessIds);
        var (busy, began) = (rig.ServerCpus.BusySeconds(), Stopwatch.GetTimestamp());

        var result = await load.RunAsync(peer, time, cancellationToken);
        var resident = ProcessUsage.Of(peer.ProcessIds).Resident;
        var wanted = result.Accepted * peer.Candidate.DeliveriesPerEvent;
        delivered = await DrainAsync(delivered, wanted, cancellationToken);

        var after = ProcessUsage.Of(peer.ProcessIds);
        var wall = Stopwatch.GetElapsedTime(began).TotalSeconds * rig.ServerCpus.Numbers.Count;
        var own = after.CpuSeconds - before.CpuSeconds;
        var round = new Round(
            result,
            CpuMicroseconds: Each(own * 1e6, result.Requests),
            ResidentMiB: resident / Mebi,
            WrittenBytes: Each(after.Written - before.Written, result.Accepted),
            WriteCallBytes: Each(after.WriteCalls - before.WriteCalls, result.Accepted),
            Delivered: delivered,
            IsDrained: delivered >= wanted,
            OthersShare: Math.Max(0, (rig.ServerCpus.BusySeconds() - busy - own) / wall));
        Tell(Describe(peer.Candidate, round));
        return round;
    }

    private async Task<long> DrainAsync(long before, long wanted, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var (delivered, last) = (0L, -1L);

        // Events that were under way when the load ended arrive beyond what is wanted: until it is quiet.
        while (Stopwatch.GetElapsedTime(began) < DrainWithin && (delivered < wanted || delivered != last))
        {
            last = delivered;
            await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
            delivered = await rig.Downstream.CountAsync(cancellationToken) - before;
        }

        return delivered;
    }

    private async Task<Life> EndAsync(Peer peer, CancellationToken cancellationToken)
    {
        var peak = ProcessUsage.Of(peer.ProcessIds).Peak / Mebi;
        return new Life(_rounds[peer], peer.StartTime.TotalSeconds, peak, await peer.StopAsync(cancellationToken));
    }

    private static double Each(double total, long count) => count > 0 ? total / count : double.NaN;

    private static string Describe(Candidate candidate, Round round)
    {
        var load = round.Load;
        var paced = load.Paced is { } pace ? $"  lag p50 {pace.LagP50:0.00}  stalls {pace.Stalls.Long}" : "";
        return $"  {candidate.Name,-42} {round.AcceptedPerSecond,8:0}/s  p50 {load.P50,7:0.00}  p99 {load.P99,7:0.00} ms  "
            + $"CPU {round.CpuMicroseconds,6:0.0} us{paced}  others {round.OthersShare:P0}"
            + (load.Failed + load.Unanswered > 0 ? $"  FAILED {load.Failed}, UNANSWERED {load.Unanswered}" : "")
            + (round.IsDrained ? "" : $"  NOT ALL DELIVERED: {round.Delivered} of {load.Accepted * candidate.DeliveriesPerEvent}");
    }

    private static void Tell(string line) => Console.Error.WriteLine(line);
}

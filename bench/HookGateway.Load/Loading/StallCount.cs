using HookGateway.Load.Machine;

namespace HookGateway.Load.Loading;

/// <summary>Stretches in which nothing was answered though events were posted all the time.</summary>
/// <param name="Long">How many of at least 100 ms.</param>
/// <param name="VeryLong">How many of at least 1 s; they are among the long ones.</param>
/// <param name="WithDisk">Long ones beside a sync of the probe that took at least half as long: the disk stood still.</param>
/// <param name="WithLoad">Long ones beside as long a pause of the load itself: the machine stood still.</param>
/// <param name="LongestMilliseconds">The longest stretch, however short.</param>
internal sealed record StallCount(int Long, int VeryLong, int WithDisk, int WithLoad, double LongestMilliseconds)
{
    private static readonly TimeSpan LongStall = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan VeryLongStall = TimeSpan.FromSeconds(1);

    /// <summary>Counts.</summary>
    /// <param name="sent">When events were posted.</param>
    /// <param name="answered">When they were answered.</param>
    /// <param name="syncs">The probe's.</param>
    public static StallCount Of(IEnumerable<long> sent, IEnumerable<long> answered, IReadOnlyList<Stretch> syncs)
    {
        var silences = Gaps(answered).ToList();
        var stalls = silences.Where(gap => gap.Length >= LongStall).ToList();
        var pauses = Gaps(sent).Where(gap => gap.Length >= LongStall / 2).ToList();
        return new StallCount(
            stalls.Count,
            stalls.Count(stall => stall.Length >= VeryLongStall),
            stalls.Count(stall => syncs.Any(sync => sync.Overlaps(stall) && sync.Length >= stall.Length / 2)),
            stalls.Count(stall => pauses.Any(pause => pause.Overlaps(stall) && pause.Length >= stall.Length / 2)),
            silences.Count == 0 ? 0 : Math.Round(silences.Max(gap => gap.Length).TotalMilliseconds, 1));
    }

    private static IEnumerable<Stretch> Gaps(IEnumerable<long> times)
    {
        var ascending = times.Order().ToArray();
        return ascending.Zip(ascending.Skip(1), (from, to) => new Stretch(from, to));
    }
}

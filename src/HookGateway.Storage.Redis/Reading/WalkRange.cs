using HookGateway.Events;
using HookGateway.Storage.Redis.Link;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Which events a walk comes to, and in which order.</summary>
/// <param name="Upwards">Whether the oldest come first.</param>
/// <param name="Behind">Those that come after this one; <see langword="null"/>: all.</param>
/// <param name="From">The earliest acceptance.</param>
/// <param name="To">The acceptance before which they are.</param>
/// <param name="WithDeliveries">Whether their deliveries are read as well.</param>
internal sealed record WalkRange(bool Upwards, EventId? Behind, DateTimeOffset? From, DateTimeOffset? To, bool WithDeliveries)
{
    /// <summary>Where to begin in a partition, and between which times in Unix milliseconds its events are.</summary>
    public (long? Number, long From, long To) In(int partition)
    {
        var (from, to) = (Time(From ?? DateTimeOffset.UnixEpoch), Time(To ?? DateTimeOffset.MaxValue));
        if (Behind is not { } id)
            return (null, from, to);

        var address = EventAddress.Of(id);
        if (address.Partition == partition)
            return (address.Number + (Upwards ? 1 : -1), from, to);

        // Ids of one millisecond are in the order of their partitions.
        var time = EventAddress.TimeOf(id) + (partition < address.Partition ? 1 : 0);
        return Upwards ? (null, Math.Max(from, time), to) : (null, from, Math.Min(to, time));
    }

    private static long Time(DateTimeOffset time) => Math.Max(0, time.ToUnixTimeMilliseconds());
}

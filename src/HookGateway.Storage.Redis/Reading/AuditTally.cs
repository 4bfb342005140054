using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>
/// What an audit found in a partition, and what was counted there. Names are those of the books: <c>e0:SOURCE</c>, <c>dd:DESTINATION</c>;
/// <c>dw:</c> is what is owed.
/// </summary>
internal sealed class AuditTally
{
    private const int KindLength = 3;

    private readonly Dictionary<string, long> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _counted = new(StringComparer.Ordinal);
    private long _unevenReplays;

    /// <summary>The bulk replays that something was found of.</summary>
    public IEnumerable<string> Replays => Named(_found, "bulk:");

    /// <summary>Adds what a step found.</summary>
    public void Find(IEnumerable<RedisResult> namesAndCounts) => Add(_found, namesAndCounts);

    /// <summary>Adds the books of the end, and what changed of events after they were looked at: both of one instant.</summary>
    /// <param name="books">What was counted.</param>
    /// <param name="changed">What changed.</param>
    /// <param name="replays">What is pending of each bulk replay, as it counts.</param>
    public void End(RedisResult books, RedisResult changed, RedisResult replays)
    {
        Add(_counted, (RedisResult[])books!);
        foreach (var (name, by) in Pairs((RedisResult[])changed!))
            Change(name, by);

        foreach (var pair in ((RedisResult[])replays!).Chunk(2))
            _unevenReplays += Math.Abs((long)pair[1] - _found.GetValueOrDefault($"bulk:{pair[0]}"));
    }

    /// <summary>Joins another partition's.</summary>
    public void Join(AuditTally other)
    {
        foreach (var (name, count) in other._found)
            Add(_found, name, count);

        foreach (var (name, count) in other._counted)
            Add(_counted, name, count);

        _unevenReplays += other._unevenReplays;
    }

    public AuditReport Report() => new()
    {
        Sources = [.. Names("e0:", "e1:", "e2:", "e3:", "e4:", "ep:").Select(ReadSource)],
        Destinations = [.. Names("do:", "dd:", "dx:", "dp:", "dw:").Select(ReadDestination)],
        UnevenEvents = Found("uneven"),
        Orphans = Found("orphans"),
        Forgotten = Found("forgotten"),
        UnevenReplays = _unevenReplays,
        LostSuccessors = Found("lost"),
        ForgottenHeld = Found("held"),
    };

    private long Found(string name) => _found.GetValueOrDefault(name);

    private void Change(string name, long by)
    {
        Add(_found, name, by);

        // What is owed is what nothing else is.
        var kind = name.Length > KindLength ? name[..KindLength] : "";
        if (kind is "do:" or "dd:" or "dx:" or "dp:")
            Add(_found, $"dw:{name[KindLength..]}", kind == "do:" ? by : -by);
    }

    private SourceBooks ReadSource(string source)
    {
        var purged = _counted.GetValueOrDefault($"ep:{source}");
        return new SourceBooks(source, Read(_counted), Read(_found));

        EventCounts Read(Dictionary<string, long> counts)
        {
            long Of(Disposition disposition) => counts.GetValueOrDefault($"e{(int)disposition}:{source}");
            var there = new EventCounts
            {
                Routed = Of(Disposition.Routed),
                Unrouted = Of(Disposition.Unrouted),
                Filtered = Of(Disposition.Filtered),
                Superseded = Of(Disposition.Superseded),
                Held = Of(Disposition.Held),
                Purged = purged,
            };
            return there with { Accepted = there.Routed + there.Unrouted + there.Filtered + there.Superseded + there.Held + purged };
        }
    }

    private DestinationBooks ReadDestination(string destination)
    {
        long Of(Dictionary<string, long> counts, string kind) => counts.GetValueOrDefault($"{kind}:{destination}");

        var purged = Of(_counted, "dp");
        var (owed, delivered, dead) = (Of(_counted, "do"), Of(_counted, "dd"), Of(_counted, "dx"));
        var counted = new DeliveryCounts { Owed = owed, Pending = owed - delivered - dead - purged, Delivered = delivered, Dead = dead, Purged = purged };
        delivered = Of(_found, "dd");
        dead = Of(_found, "dx");
        var pending = Of(_found, "dw");
        return new DestinationBooks(destination, counted, new DeliveryCounts
        {
            Owed = pending + delivered + dead + purged,
            Pending = pending,
            Delivered = delivered,
            Dead = dead,
            Purged = purged,
        });
    }

    private IEnumerable<string> Names(params string[] kinds) => kinds
        .SelectMany(kind => Named(_found, kind).Concat(Named(_counted, kind)))
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Named(Dictionary<string, long> counts, string kind) =>
        counts.Keys.Where(name => name.StartsWith(kind, StringComparison.Ordinal)).Select(name => name[kind.Length..]);

    private static void Add(Dictionary<string, long> counts, IEnumerable<RedisResult> namesAndCounts)
    {
        foreach (var (name, count) in Pairs(namesAndCounts))
            Add(counts, name, count);
    }

    private static void Add(Dictionary<string, long> counts, string name, long by) => counts[name] = counts.GetValueOrDefault(name) + by;

    private static IEnumerable<(string Name, long Count)> Pairs(IEnumerable<RedisResult> namesAndCounts) =>
        namesAndCounts.Chunk(2).Select(pair => ((string)pair[0]!, (long)pair[1]));
}

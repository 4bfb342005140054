using HookGateway.Storage.Redis.Format;
using HookGateway.Store;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>A bulk replay, and where it stands in each partition.</summary>
internal sealed class KnownBulkReplay
{
    private readonly BulkReplayFormat _format;
    private readonly BulkReplayPlace[] _places;

    /// <param name="id">Its number.</param>
    /// <param name="text">As it was kept when it began: <c>time|what was asked for</c>.</param>
    /// <param name="end">Who ended it before its end: <c>state|time|reason</c>.</param>
    /// <param name="places">A partition.</param>
    public KnownBulkReplay(long id, string text, string? end, BulkReplayPlace[] places)
    {
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        _format = BulkReplayFormat.Read(text.AsSpan(bar + 1));
        _places = places;
        var created = Time(text[..bar]);
        var replay = new BulkReplay
        {
            Id = id,
            Request = _format.Request,
            State = BulkReplayState.Running,
            CreatedAt = created,
            Total = Sum(partition => Last(partition) - First(partition) + 1),
            Scanned = Sum(partition => Cursor(partition) - First(partition) + 1),
            Matched = Sum(partition => places[partition].Matched),
            Skipped = Sum(partition => places[partition].Skipped),
            Made = Sum(partition => places[partition].Made),
            Delivered = Sum(partition => places[partition].Delivered),
            Dead = Sum(partition => places[partition].Dead),
        };
        if (end?.Split('|', 3) is { } parts)
        {
            replay = replay with
            {
                State = Enum.Parse<BulkReplayState>(parts[0]),
                EndedAt = Time(parts[1]),
                Reason = parts[2].Length == 0 ? null : parts[2],
            };
        }
        else if (Ahead is null)
        {
            var ended = places.Max(place => place.Ended) is { } last ? DateTimeOffset.FromUnixTimeMilliseconds(last) : created;
            replay = replay with { State = BulkReplayState.Done, EndedAt = ended };
        }

        Replay = replay;
    }

    /// <summary>As callers see it.</summary>
    public BulkReplay Replay { get; }

    /// <summary>The partition that is to go on: the one that is farthest behind; <see langword="null"/> where all are at their end.</summary>
    public int? Ahead => Enumerable.Range(0, _places.Length).Where(partition => Cursor(partition) < Last(partition))
        .OrderBy(partition => _places[partition].Time)
        .Select(partition => (int?)partition)
        .FirstOrDefault();

    /// <summary>The first number that it looks at in a partition.</summary>
    public long First(int partition) => _format.First[partition];

    /// <summary>The last one.</summary>
    public long Last(int partition) => _format.Last[partition];

    /// <summary>The last one behind it.</summary>
    public long Cursor(int partition) => _places[partition].Cursor ?? First(partition) - 1;

    /// <summary>When the last event that it looked at in a partition was accepted.</summary>
    public long TimeOf(int partition) => _places[partition].Time;

    private long Sum(Func<int, long> count) => Enumerable.Range(0, _places.Length).Sum(count);

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
}

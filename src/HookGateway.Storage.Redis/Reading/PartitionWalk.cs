using HookGateway.Storage.Redis.Link;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Goes along one partition's events, a bounded way each time.</summary>
internal sealed class PartitionWalk
{
    private const int FewEvents = 16;
    private const int MostEvents = 256;

    private readonly RedisLink _link;
    private readonly int _partition;
    private readonly WalkRange _range;
    private readonly long _from;
    private readonly long _to;
    private readonly Queue<ScannedEvent> _found = new();
    private RedisValue _number;
    private int _most = FewEvents;
    private bool _isOver;

    public PartitionWalk(RedisLink link, int partition, WalkRange range)
    {
        (_link, _partition, _range) = (link, partition, range);
        (var number, _from, _to) = range.In(partition);
        _number = number ?? RedisValue.EmptyString;
    }

    /// <summary>What comes next, as far as it was read.</summary>
    public ScannedEvent? First => _found.TryPeek(out var first) ? first : null;

    public ScannedEvent Take() => _found.Dequeue();

    /// <summary>Reads on where nothing is left of what was read; more each time, for whoever comes again wants many.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        while (_found.Count == 0 && !_isOver)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answer = (RedisResult[])(await _link.RunAsync(RedisScript.Scan, _partition,
            [
                RedisValue.EmptyString, _range.Upwards ? 1 : -1, _number, _from, _to, _most, _range.WithDeliveries ? 1 : 0,
            ]).ConfigureAwait(false))!;
            foreach (var found in answer.Skip(1))
                _found.Enqueue(new ScannedEvent((RedisResult[])found!));

            _number = (RedisValue)answer[0];
            _isOver = _number.IsNullOrEmpty;
            _most = Math.Min(2 * _most, MostEvents);
        }
    }
}

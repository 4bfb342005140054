using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>
/// Holds the books against what is there, one partition after the other, in steps that hold nobody up. What changes of events that it
/// has been at, the scripts that change it tell: so each partition balances at the instant of its last step (decision 10).
/// </summary>
internal sealed class Auditor(RedisLink link, BulkReplayReader replays) : IDisposable
{
    /// <summary>So many events are looked at in a step: about half a millisecond of the server's.</summary>
    private const int StepEvents = 128;

    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UntilAskedAgain = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ChunkWalk _chunks = new(link);

    public async Task<AuditReport> RunAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var sum = new AuditTally();
            for (var partition = 0; partition < link.Partitions.Count; partition++)
                sum.Join(await ReadAsync(partition, cancellationToken).ConfigureAwait(false));

            return sum.Report();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<AuditTally> ReadAsync(int partition, CancellationToken cancellationToken)
    {
        while (true)
        {
            RedisValue self = Guid.NewGuid().ToString("N");
            if (await BeginAsync(partition, self).ConfigureAwait(false) is not { } range)
            {
                // Another gateway's. A real wait, whatever the store's clock.
                await Task.Delay(UntilAskedAgain, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            else if (await TryReadAsync(partition, self, range.First, range.Last, cancellationToken).ConfigureAwait(false) is { } tally)
            {
                return tally;
            }
        }
    }

    private async Task<(long First, long Last)?> BeginAsync(int partition, RedisValue self)
    {
        var range = await link.RunAsync(
            RedisScript.AuditBegin, partition, [RedisValue.EmptyString, self, (long)GivenUpAfter.TotalMilliseconds]).ConfigureAwait(false);
        return range.IsNull ? null : ((long)range[0], (long)range[1]);
    }

    /// <returns><see langword="null"/> where another gateway thought this one gone, and began its own.</returns>
    private async Task<AuditTally?> TryReadAsync(int partition, RedisValue self, long first, long last, CancellationToken cancellationToken)
    {
        var tally = new AuditTally();
        while (await _chunks.NextAsync(partition, first, last).ConfigureAwait(false) is { } chunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = await link.RunAsync(
                RedisScript.AuditStep, partition,
                [RedisValue.EmptyString, self, chunk.First, Math.Min(chunk.Last, chunk.First + StepEvents - 1)]).ConfigureAwait(false);
            if (step.IsNull)
                return null;

            tally.Find(((RedisResult[])step!).Skip(1));
            first = (long)step[0] + 1;
        }

        var known = (await replays.IdsAsync().ConfigureAwait(false)).Select(id => (RedisValue)id);
        var end = await link.RunAsync(
            RedisScript.AuditEnd, partition,
            [RedisValue.EmptyString, self, .. known, .. tally.Replays.Select(id => (RedisValue)id)]).ConfigureAwait(false);
        if (end.IsNull)
            return null;

        tally.End(end[0], end[1], end[2]);
        return tally;
    }
}

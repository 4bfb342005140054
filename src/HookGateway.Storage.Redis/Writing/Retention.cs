using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>
/// Deletes what is old, one partition after the other, and each in steps that deal with 64 events at most: whatever else is asked of
/// Redis comes in between. Two gateways that do it at once do what one would.
/// </summary>
internal sealed class Retention(RedisLink link, RedisStoreOptions options)
{
    private const int StepKeys = 64;

    /// <returns>How many events were deleted.</returns>
    public async Task<long> RunAsync(RetentionLimits limits, CancellationToken cancellationToken)
    {
        var removed = 0L;
        for (var partition = 0; partition < link.Partitions.Count; partition++)
        {
            while (await ForgetAsync(partition).ConfigureAwait(false) == StepKeys)
                cancellationToken.ThrowIfCancellationRequested();

            removed += await RemoveAsync(partition, limits, cancellationToken).ConfigureAwait(false);
            if (limits.Bodies is { } bodies)
                await DropBodiesAsync(partition, bodies, cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    private async Task<int> ForgetAsync(int partition) =>
        (int)await link.RunAsync(RedisScript.Forget, partition, [RedisValue.EmptyString]).ConfigureAwait(false);

    private async Task<long> RemoveAsync(int partition, RetentionLimits limits, CancellationToken cancellationToken)
    {
        var removed = 0L;
        for (RedisValue number = 1; !number.IsNullOrEmpty;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = (RedisResult[])(await link.RunAsync(RedisScript.Retain, partition,
                [RedisValue.EmptyString, number, Milliseconds(limits.Delivered), Milliseconds(limits.Dead)]).ConfigureAwait(false))!;
            removed += (long)step[0];
            number = (RedisValue)step[1];
        }

        return removed;
    }

    private async Task DropBodiesAsync(int partition, TimeSpan bodies, CancellationToken cancellationToken)
    {
        var (number, again) = (RedisValue.EmptyString, RedisValue.EmptyString);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = (RedisResult[])(await link.RunAsync(RedisScript.DropBodies, partition,
            [
                RedisValue.EmptyString, Milliseconds(bodies), number, again, .. options.KeepBodiesOf.Select(source => (RedisValue)source),
            ]).ConfigureAwait(false))!;
            if (step.Length == 0)
                return;

            (number, again) = ((RedisValue)step[1], (RedisValue)step[2]);
        }
    }

    private static RedisValue Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}

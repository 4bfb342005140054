using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>One partition's events on their way to Redis. What comes while a script is under way shares the next one.</summary>
internal sealed class AcceptQueue(int partition, RedisLink link, RedisStoreOptions options, TimeProvider time)
{
    // A script holds up everybody else: some milliseconds at most.
    private const int MostAtOnce = 32;
    private const long MostBytes = 2 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private bool _isWriting;

    /// <summary>Stores an event, as <c>accept.lua</c> reads it.</summary>
    /// <returns>What the script gave for it.</returns>
    /// <exception cref="StoreException">It is not stored, or nobody knows.</exception>
    public Task<RedisResult[]> AcceptAsync(RedisValue[] arguments)
    {
        var waiting = new Waiting(arguments, time.GetTimestamp());
        lock (_lock)
        {
            _waiting.Enqueue(waiting);
            if (_isWriting)
                return waiting.Result.Task;

            _isWriting = true;
        }

        _ = WriteAllAsync();
        return waiting.Result.Task;
    }

    private async Task WriteAllAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            try
            {
                var results = (RedisResult[])(await RunAsync(batch).ConfigureAwait(false))!;
                for (var i = 0; i < batch.Count; i++)
                    batch[i].Result.SetResult((RedisResult[])results[i]!);
            }
            catch (Exception e)
            {
                // Whatever it is: a queue that ended would let no event of its partition in any more.
                foreach (var one in batch)
                    one.Result.TrySetException(e as StoreException ?? new StoreException(e.Message, e));
            }
        }
    }

    private List<Waiting> Take()
    {
        var batch = new List<Waiting>();
        lock (_lock)
        {
            for (var bytes = 0L; batch.Count < MostAtOnce && bytes < MostBytes && _waiting.TryDequeue(out var next); bytes += next.Bytes)
                batch.Add(next);

            _isWriting = batch.Count > 0;
        }

        return batch;
    }

    private async Task<RedisResult> RunAsync(List<Waiting> batch)
    {
        RedisValue[] arguments =
        [
            RedisValue.EmptyString, (long)options.Lease.TotalMilliseconds, partition, link.Partitions.Store,
            .. batch.SelectMany(one => one.Arguments.Prepend(one.Arguments.Length)),
        ];
        while (true)
        {
            try
            {
                var start = time.GetTimestamp();
                var result = await link.RunDurablyAsync(RedisScript.Accept, partition, arguments).ConfigureAwait(false);
                StoreMetrics.Record(time.GetElapsedTime(start), batch.Count);
                return result;
            }
            catch (StoreException e)
            {
                // Asked again with the same nonces, the script finds what it may have done already.
                if (!RedisFailure.IsInDoubt(e.InnerException!) || !await IsWritableSoonAsync(batch[0]).ConfigureAwait(false))
                    throw;
            }
        }
    }

    private async Task<bool> IsWritableSoonAsync(Waiting first)
    {
        var wait = options.AcceptTimeout - time.GetElapsedTime(first.Since);
        if (wait <= TimeSpan.Zero)
            return false;

        using var limit = new CancellationTokenSource(wait);
        try
        {
            await link.Writable.WhenOpenAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class Waiting(RedisValue[] arguments, long since)
    {
        public RedisValue[] Arguments { get; } = arguments;

        public long Bytes { get; } = arguments.Sum(argument => argument.Length());

        public long Since { get; } = since;

        public TaskCompletionSource<RedisResult[]> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

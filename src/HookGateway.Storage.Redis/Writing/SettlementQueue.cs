using HookGateway.Events;
using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>
/// What came of one partition's deliveries, on its way to Redis. One script is under way at a time, with all that has come since the
/// one before; one that fails is tried again for as long as the store is open.
/// </summary>
internal sealed class SettlementQueue(
    int partition, RedisLink link, HeldLeases leases, TimeProvider time, ILogger logger, CancellationToken closing)
{
    private const int MostAtOnce = 128;
    private const int Arguments = 8;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<Settlement> _waiting = new();
    private Task? _writing;

    /// <summary>How many are not written yet.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    public void Add(Settlement settlement)
    {
        lock (_lock)
        {
            _waiting.Enqueue(settlement);
            if (_writing is not null)
                return;

            _writing = Task.CompletedTask;
        }

        var writing = WriteAllAsync();
        lock (_lock)
        {
            if (_writing is not null)
                _writing = writing;
        }
    }

    /// <summary>Completes when nothing waits, or when nothing is tried any more.</summary>
    public Task WhenWrittenAsync()
    {
        lock (_lock)
            return _writing ?? Task.CompletedTask;
    }

    private async Task WriteAllAsync()
    {
        // What was asked for once may have been done although nobody heard of it.
        var inDoubt = false;
        while (Peek() is { Length: > 0 } batch)
        {
            try
            {
                var start = time.GetTimestamp();
                var freed = (int[])(await link.RunAsync(RedisScript.Settle, partition, Write(batch)).ConfigureAwait(false))!;
                StoreMetrics.Record(time.GetElapsedTime(start), events: 0);
                Remove(batch.Length);
                for (var i = 0; i < batch.Length; i++)
                    Tell(batch[i], freed[i] == 1 || (inDoubt && batch[i].Delivery.Sequence is not null));

                inDoubt = false;
            }
            catch (StoreException e)
            {
                inDoubt = true;
                StoreLog.NotSettled(logger, e, batch.Length);
                if (!await WaitAsync().ConfigureAwait(false))
                    return;
            }
        }
    }

    private Settlement[] Peek()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
                _writing = null;

            return [.. _waiting.Take(MostAtOnce)];
        }
    }

    private void Remove(int count)
    {
        lock (_lock)
        {
            for (var i = 0; i < count; i++)
                _waiting.Dequeue();
        }
    }

    private void Tell(Settlement settlement, bool freedNext)
    {
        leases.Remove(settlement.Delivery);
        settlement.Written?.Invoke(new Settled(settlement, freedNext));
    }

    private async Task<bool> WaitAsync()
    {
        try
        {
            // A real second, whatever the store's clock: it is the server that needs it.
            await Task.Delay(AfterFailure, TimeProvider.System, closing).ConfigureAwait(false);
            await link.Writable.WhenOpenAsync(closing).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private RedisValue[] Write(Settlement[] batch)
    {
        var now = time.GetUtcNow();
        var arguments = new RedisValue[1 + (Arguments * batch.Length)];
        for (var i = 0; i < batch.Length; i++)
        {
            var (settlement, delivery) = (batch[i], batch[i].Delivery);
            var at = 1 + (Arguments * i);
            arguments[at] = EventAddress.WriteId(delivery.Event.Id);
            arguments[at + 1] = delivery.Ordinal;
            arguments[at + 2] = delivery.Lease.Epoch;
            arguments[at + 3] = (int)settlement.State;
            arguments[at + 4] = settlement.DueAt is { } due ? (long)Math.Round((due - now).TotalMilliseconds) : 0;
            arguments[at + 5] = settlement.Blocks ? 1 : 0;
            arguments[at + 6] = settlement.Attempt is { } attempt ? AttemptFormat.Write(attempt) : RedisValue.EmptyString;
            arguments[at + 7] = PartitionMap.Suffix(delivery.Event.Source, delivery.Event.Key);
        }

        return arguments;
    }
}
